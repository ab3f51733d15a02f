# Who users are: a Cognito pool, which the site signs in to by SRP.

locals {
  issuer = "https://${aws_cognito_user_pool.users.endpoint}"
}

resource "aws_cognito_user_pool" "users" {
  name                     = var.prefix
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  deletion_protection      = var.protect ? "ACTIVE" : "INACTIVE"

  username_configuration {
    case_sensitive = false
  }

  # The same as the accounts of the local home ask for.
  password_policy {
    minimum_length                   = 8
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = false
    temporary_password_validity_days = 7
  }

  schema {
    name                = "name"
    attribute_data_type = "String"
    mutable             = true
    required            = false
    string_attribute_constraints {
      min_length = 0
      max_length = 2048
    }
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  # A changed address counts only once it was confirmed.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  verification_message_template {
    default_email_option = "CONFIRM_WITH_CODE"
  }

  email_configuration {
    email_sending_account = var.mail_from != "" ? "DEVELOPER" : "COGNITO_DEFAULT"
    from_email_address    = var.mail_from != "" ? var.mail_from : null
    source_arn            = var.mail_from != "" ? var.ses_identity_arn : null
  }
}

resource "aws_cognito_user_pool_client" "site" {
  name            = "${var.prefix}-site"
  user_pool_id    = aws_cognito_user_pool.users.id
  generate_secret = false
  # With rotation Cognito refuses ALLOW_REFRESH_TOKEN_AUTH; tokens are renewed by GetTokensFromRefreshToken, as Amplify does.
  explicit_auth_flows           = ["ALLOW_USER_SRP_AUTH"]
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true
  read_attributes               = ["email", "email_verified", "name"]
  write_attributes              = ["email", "name"]

  refresh_token_rotation {
    feature = "ENABLED"
    # Two tabs may renew at the same moment.
    retry_grace_period_seconds = 30
  }

  access_token_validity  = 1
  id_token_validity      = 1
  refresh_token_validity = 30
  token_validity_units {
    access_token  = "hours"
    id_token      = "hours"
    refresh_token = "days"
  }
}

# Whose access tokens may look after the service (/api/ops). Who is in it is the operator's business, not Terraform's.
resource "aws_cognito_user_group" "operators" {
  name         = "operators"
  description  = "May look after the service."
  user_pool_id = aws_cognito_user_pool.users.id
}
