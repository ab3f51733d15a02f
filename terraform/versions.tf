terraform {
  required_version = ">= 1.9"
  required_providers {
    # There is no lock file: its hashes would differ between a download and a local mirror, and between machines.
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

# Region and credentials come from the environment, as for every AWS tool.
provider "aws" {
  default_tags {
    tags = { Project = var.prefix }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name
  # Buckets share one name space with the whole world.
  unique = "${var.prefix}-${local.account}-${local.region}"

  public_url = "https://${var.domain_name != "" ? var.domain_name : aws_cloudfront_distribution.site.domain_name}"
}
