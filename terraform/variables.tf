variable "prefix" {
  description = "What the name of everything begins with. Two installations in one account need two."
  type        = string
  default     = "sluice"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,14}[a-z0-9]$", var.prefix))
    error_message = "Give 2 to 16 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "protect" {
  description = "Whether videos, rows and accounts survive a `terraform destroy`. Apply with false before destroying them on purpose."
  type        = bool
  default     = true
}

# --- the address ------------------------------------------------------------------------------------------------------

variable "domain_name" {
  description = "The site's own name, such as video.example.org. Empty: the name that CloudFront gives it."
  type        = string
  default     = ""
}

variable "certificate_arn" {
  description = "The certificate of domain_name, in AWS Certificate Manager in us-east-1. Needed with domain_name."
  type        = string
  default     = ""
  validation {
    condition     = (var.certificate_arn == "") == (var.domain_name == "")
    error_message = "Set domain_name and certificate_arn together, or neither."
  }
}

variable "cors_origins" {
  description = "Websites on other origins that may call the API and upload, such as [\"https://www.example.org\"]."
  type        = list(string)
  default     = []
  validation {
    condition = alltrue([for origin in var.cors_origins :
      can(regex("^https?://([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|\\[[0-9A-Fa-f:]+\\])(:[1-9][0-9]{0,4})?$", origin)) &&
      try(tonumber(regex(":([0-9]+)$", origin)[0]), 1) <= 65535
    ])
    error_message = "Give origins like https://www.example.org, with no path and no *."
  }
}

variable "price_class" {
  description = "Where CloudFront serves from: PriceClass_100 (Europe, North America), _200 (also Asia, Africa), _All."
  type        = string
  default     = "PriceClass_100"
  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "Give PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

# --- what users may do ------------------------------------------------------------------------------------------------

variable "max_upload_bytes" {
  description = "The largest upload. S3 takes at most 5 GB in one form."
  type        = number
  default     = 100000000
  validation {
    condition     = var.max_upload_bytes >= 1 && var.max_upload_bytes <= 5368709120 && floor(var.max_upload_bytes) == var.max_upload_bytes
    error_message = "Give a whole number from 1 to 5368709120."
  }
}

variable "upload_ttl_s" {
  description = "How long an upload ticket is valid, in seconds. S3 refuses forms signed with a function's credentials once those expire."
  type        = number
  default     = 3600
  validation {
    condition     = var.upload_ttl_s >= 60 && var.upload_ttl_s <= 21600 && floor(var.upload_ttl_s) == var.upload_ttl_s
    error_message = "Give a whole number from 60 to 21600."
  }
}

variable "daily_minutes" {
  description = "How many minutes of video each user may have encoded a day; bounds what one of them can cost. 0 is no bound."
  type        = number
  default     = 120
  validation {
    condition     = var.daily_minutes >= 0 && var.daily_minutes <= 1440 && floor(var.daily_minutes) == var.daily_minutes
    error_message = "Give a whole number from 0 to 1440."
  }
}

variable "fair_use" {
  description = "What each user may hold and how often they may call, such as { uploads_at_once = 20 }; 0 is no bound. What isn't named keeps its default (.env.example)."
  type        = map(number)
  default     = {}
  validation {
    condition     = alltrue([for name in keys(var.fair_use) : contains(["uploads_at_once", "stored_minutes", "stored_bytes", "user_calls_per_minute"], name)])
    error_message = "Give uploads_at_once, stored_minutes, stored_bytes or user_calls_per_minute."
  }
  validation {
    condition     = alltrue([for most in values(var.fair_use) : most >= 0 && most <= 1000000000000000 && floor(most) == most])
    error_message = "Give whole numbers from 0 to 1000000000000000."
  }
}

variable "keep_source" {
  description = "Whether uploads are kept when their videos are done, for their owners to download. It costs what they take up in S3. Before you switch it off again, set failed_source_days to 0, or S3 removes what was kept."
  type        = bool
  default     = false
}

variable "failed_source_days" {
  description = "How many days the upload of a failed video is kept for another try; 0, or with keep_source: until the video is deleted. S3 then removes every upload as old as that, those that keep_source kept, too."
  type        = number
  default     = 30
  validation {
    condition     = var.failed_source_days >= 0 && floor(var.failed_source_days) == var.failed_source_days
    error_message = "Give a whole number of days, or 0 for no bound."
  }
}

variable "tall_rungs" {
  description = "Whether films of 2160 and 1440 lines are had as large as that, too. It costs several times as much (docs/COST.md)."
  type        = bool
  default     = false
}

variable "api_requests_per_second" {
  description = "How many API requests are let through a second, over all users; twice as many for a moment."
  type        = number
  default     = 200
  validation {
    condition     = var.api_requests_per_second >= 1 && floor(var.api_requests_per_second) == var.api_requests_per_second
    error_message = "Give a whole number, at least 1."
  }
}

# --- mail and watching over it ----------------------------------------------------------------------------------------

variable "mail_from" {
  description = "Sender of sign-up codes, such as Sluice <no-reply@example.org>. Empty: Cognito's own sender, 50 mails a day."
  type        = string
  default     = ""
}

variable "ses_identity_arn" {
  description = "The verified SES identity that mail_from belongs to. Needed with mail_from."
  type        = string
  default     = ""
  validation {
    condition     = (var.ses_identity_arn == "") == (var.mail_from == "")
    error_message = "Set mail_from and ses_identity_arn together, or neither."
  }
}

variable "alarm_email" {
  description = "Who is told of alarms; has to confirm a mail from AWS once. Empty: subscribe to the topic yourself."
  type        = string
  default     = ""
}

variable "monthly_budget" {
  description = "The account's spending in US dollars a month at which an alarm goes off: at 80 %, at all of it, and where it is heading there."
  type        = number
  default     = 50
}

variable "log_level" {
  description = "What the functions log: DEBUG, INFO, WARNING or ERROR."
  type        = string
  default     = "INFO"
  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "Give DEBUG, INFO, WARNING or ERROR."
  }
}

variable "log_days" {
  description = "How many days logs are kept; one of the periods that CloudWatch knows."
  type        = number
  default     = 30
}
