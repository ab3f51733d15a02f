# Uploads (raw), what is streamed (media), the site's files (site), and the table.

locals {
  buckets = {
    raw   = { force_destroy = !var.protect }
    media = { force_destroy = !var.protect }
    # Holds nothing but what Terraform itself put there.
    site = { force_destroy = true }
  }
}

# S3's own encryption at rest is on (AES256, its default since 2023). A KMS key would cost by the request and protect
# against nobody who matters here: whoever may read a bucket could use its key as well.
# Versioning is off on purpose: what an owner deletes has to be gone.
resource "aws_s3_bucket" "all" {
  #checkov:skip=CKV_AWS_145:S3's own encryption, see above
  #checkov:skip=CKV_AWS_21:no versions, see above
  #checkov:skip=CKV_AWS_18:no access logs; they would hold the addresses of viewers
  #checkov:skip=CKV_AWS_144:no copy in another region; a source is gone within the hour, media can be encoded again
  #checkov:skip=CKV2_AWS_62:only `raw` has anything to announce
  #checkov:skip=CKV2_AWS_61:the site's files stay; the others have their rules below
  for_each      = local.buckets
  bucket        = "${local.unique}-${each.key}"
  force_destroy = each.value.force_destroy
}

resource "aws_s3_bucket_public_access_block" "all" {
  for_each                = aws_s3_bucket.all
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "all" {
  for_each = aws_s3_bucket.all
  bucket   = each.value.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "all" {
  for_each = aws_s3_bucket.all
  bucket   = each.value.id
  policy = templatefile("${path.module}/policies/bucket_${each.key == "raw" ? "private" : "cdn"}.json.tftpl", {
    bucket       = each.value.arn
    distribution = aws_cloudfront_distribution.site.arn
  })
  # S3 refuses both at once.
  depends_on = [aws_s3_bucket_public_access_block.all]
}

# Browsers post uploads straight to S3, by forms that the API signs.
resource "aws_s3_bucket_cors_configuration" "raw" {
  bucket = aws_s3_bucket.all["raw"].id
  cors_rule {
    allowed_methods = ["POST"]
    allowed_origins = concat([local.public_url], var.cors_origins)
    allowed_headers = ["*"]
    max_age_seconds = 3600
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "raw" {
  bucket = aws_s3_bucket.all["raw"].id
  # A source goes when its video is done or deleted. What is left is of failed videos, or nobody's; what keep_source keeps,
  # or once kept, S3 could not tell from it.
  rule {
    id     = "failed-and-abandoned"
    status = "Enabled"
    filter {}
    dynamic "expiration" {
      for_each = var.keep_source || var.failed_source_days == 0 ? [] : [var.failed_source_days]
      content {
        days = expiration.value
      }
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "media" {
  bucket = aws_s3_bucket.all["media"].id
  rule {
    id     = "unfinished-parts"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_notification" "raw" {
  bucket = aws_s3_bucket.all["raw"].id
  queue {
    id        = "sources"
    queue_arn = aws_sqs_queue.lanes["sources"].arn
    events    = ["s3:ObjectCreated:*"]
  }
}

# One item a video, besides kept answers and claims; every other attribute is in the code's hands.
resource "aws_dynamodb_table" "videos" {
  #checkov:skip=CKV_AWS_119:DynamoDB's own key encrypts it; a key of ours would protect against nobody who matters here
  name                        = "${var.prefix}-videos"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  deletion_protection_enabled = var.protect

  dynamic "attribute" {
    for_each = ["pk", "owned_by", "public_month", "due_shard", "due_at"]
    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = {
      owned  = ["owned_by", "pk"]
      public = ["public_month", "pk"]
      due    = ["due_shard", "due_at"]
    }
    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value[0]
      range_key       = global_secondary_index.value[1]
      projection_type = "ALL"
    }
  }

  ttl {
    attribute_name = "forget_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }
}
