# Five functions of one zip. What each may do is in policies/, one file a function.

locals {
  dist     = "${path.module}/../dist"
  zip      = "${local.dist}/backend.zip"
  layers   = { for program in ["ffprobe", "ffmpeg"] : program => "${local.dist}/${program}-layer.zip" }
  package  = try(jsondecode(file("${local.dist}/package.json")), { runtime = "python3.11", architecture = "x86_64" })
  packaged = alltrue([for file in concat([local.zip, "${local.dist}/package.json"], values(local.layers)) : fileexists(file)])

  # CPU comes with memory: 1769 MB is one core.
  functions = {
    # A person waits for it; most of a cold start is importing, which memory makes shorter. API Gateway gives up after 30 s.
    api = { handler = "handler.lambda_handler", memory = 1024, timeout = 29 }
    # ffprobe and ffmpeg read the whole upload over the network once, and list its packets: memory holds the list of hours of film.
    # Ten at once already order more jobs a second than MediaConvert takes; more would wait there, at a higher price.
    sources = { handler = "sluice.entry.lambdas.sources", memory = 2048, timeout = 300, batch = 1, at_once = 10 }
    # Reads every playlist of a video, and lists and deletes its objects by the thousand.
    encodes = { handler = "sluice.entry.lambdas.encodes", memory = 512, timeout = 60, batch = 5, at_once = 20 }
    tasks   = { handler = "sluice.entry.lambdas.tasks", memory = 512, timeout = 120, batch = 5, at_once = 5 }
    # May overlap with the next one without harm: whoever writes second decides again.
    sweep = { handler = "sluice.entry.lambdas.sweep", memory = 512, timeout = 120 }
  }

  settings = {
    SLUICE_BACKEND          = "aws"
    SLUICE_PUBLIC_URL       = local.public_url
    SLUICE_TABLE            = aws_dynamodb_table.videos.name
    SLUICE_RAW_BUCKET       = aws_s3_bucket.all["raw"].id
    SLUICE_MEDIA_BUCKET     = aws_s3_bucket.all["media"].id
    SLUICE_SOURCES_QUEUE    = aws_sqs_queue.lanes["sources"].url
    SLUICE_ENCODES_QUEUE    = aws_sqs_queue.lanes["encodes"].url
    SLUICE_TASKS_QUEUE      = aws_sqs_queue.lanes["tasks"].url
    SLUICE_ENCODER_ROLE     = aws_iam_role.encoder.arn
    SLUICE_ENCODER_QUEUE    = aws_media_convert_queue.encodes.arn
    SLUICE_ISSUER           = local.issuer
    SLUICE_CLIENT_ID        = aws_cognito_user_pool_client.site.id
    SLUICE_FFPROBE          = "/opt/bin/ffprobe"
    SLUICE_FFMPEG           = "/opt/bin/ffmpeg"
    SLUICE_CORS_ORIGINS     = join(",", var.cors_origins)
    SLUICE_MAX_UPLOAD_BYTES = tostring(var.max_upload_bytes)
    SLUICE_UPLOAD_TTL_S     = tostring(var.upload_ttl_s)
    SLUICE_DAILY_MINUTES    = tostring(var.daily_minutes)
    SLUICE_KEEP_SOURCE      = var.keep_source ? "1" : ""
    SLUICE_TALL_RUNGS       = var.tall_rungs ? "1" : ""
    SLUICE_LOG_LEVEL        = var.log_level
  }
  bounds = { for name, most in var.fair_use : "SLUICE_${upper(name)}" => format("%d", most) }
  # Only the API gives out media addresses.
  secrets = { api = { SLUICE_LINKS_KEY = local.links_key } }

  # What the templates in policies/ speak of.
  granted = {
    table         = aws_dynamodb_table.videos.arn
    raw           = aws_s3_bucket.all["raw"].arn
    media         = aws_s3_bucket.all["media"].arn
    sources       = local.lane_arns["sources"]
    encodes       = local.lane_arns["encodes"]
    tasks         = local.lane_arns["tasks"]
    pool          = aws_cognito_user_pool.users.arn
    encoder_role  = aws_iam_role.encoder.arn
    encoder_queue = aws_media_convert_queue.encodes.arn
    encoder_jobs  = "arn:${local.partition}:mediaconvert:${local.region}:${local.account}:jobs/*"
    logs          = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/lambda/${var.prefix}"
  }
}

resource "aws_lambda_layer_version" "programs" {
  for_each                 = local.layers
  layer_name               = "${var.prefix}-${each.key}"
  description              = "${each.key}, on PATH as /opt/bin/${each.key}"
  filename                 = each.value
  source_code_hash         = local.packaged ? filebase64sha256(each.value) : null
  compatible_runtimes      = [local.package.runtime]
  compatible_architectures = [local.package.architecture]
  lifecycle {
    precondition {
      condition     = local.packaged
      error_message = "The functions are not packaged: run `make package` first."
    }
  }
}

resource "aws_cloudwatch_log_group" "functions" {
  #checkov:skip=CKV_AWS_158:encrypted by CloudWatch's own key; nothing secret is logged
  #checkov:skip=CKV_AWS_338:log_days decides; logs name users' ids, which nobody has to keep for a year
  for_each          = local.functions
  name              = "/aws/lambda/${var.prefix}-${each.key}"
  retention_in_days = var.log_days
}

resource "aws_iam_role" "functions" {
  for_each = local.functions
  name     = "${var.prefix}-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "functions" {
  for_each = local.functions
  name     = "work"
  role     = aws_iam_role.functions[each.key].id
  policy   = templatefile("${path.module}/policies/${each.key}.json.tftpl", local.granted)
}

resource "aws_lambda_function" "all" {
  #checkov:skip=CKV_AWS_50:structured logs tell the story; tracing would send every call's addresses to one more service
  #checkov:skip=CKV_AWS_115:young accounts have ten executions in all and can reserve none; the lanes are capped instead
  #checkov:skip=CKV_AWS_116:the queues have dead letters; what the sweep misses, the next one finds
  #checkov:skip=CKV_AWS_117:it talks to nothing inside a VPC
  #checkov:skip=CKV_AWS_173:Lambda's own key encrypts them; whoever may read a function's settings could use a key of ours as well
  #checkov:skip=CKV_AWS_272:whoever may change a function could as well change what it trusts
  for_each         = local.functions
  function_name    = "${var.prefix}-${each.key}"
  role             = aws_iam_role.functions[each.key].arn
  handler          = each.value.handler
  filename         = local.zip
  source_code_hash = local.packaged ? filebase64sha256(local.zip) : null
  runtime          = local.package.runtime
  architectures    = [local.package.architecture]
  memory_size      = each.value.memory
  timeout          = each.value.timeout
  layers           = each.key == "sources" ? [for layer in aws_lambda_layer_version.programs : layer.arn] : []

  environment {
    variables = merge({ for name, value in merge(local.settings, local.bounds) : name => value if value != "" }, lookup(local.secrets, each.key, {}))
  }

  # Without its log group it would make one that never forgets; without its policy its first minutes would fail.
  depends_on = [aws_cloudwatch_log_group.functions, aws_iam_role_policy.functions]
}

resource "aws_lambda_event_source_mapping" "lanes" {
  for_each                = local.lanes
  event_source_arn        = aws_sqs_queue.lanes[each.key].arn
  function_name           = aws_lambda_function.all[each.key].arn
  batch_size              = local.functions[each.key].batch
  function_response_types = ["ReportBatchItemFailures"]
  scaling_config {
    maximum_concurrency = local.functions[each.key].at_once
  }
}

resource "aws_cloudwatch_event_rule" "sweep" {
  name                = "${var.prefix}-sweep"
  description         = "Drives overdue videos on, every minute"
  schedule_expression = "rate(1 minute)"
}

resource "aws_cloudwatch_event_target" "sweep" {
  rule      = aws_cloudwatch_event_rule.sweep.name
  target_id = "sweep"
  arn       = aws_lambda_function.all["sweep"].arn
}

resource "aws_lambda_permission" "sweep" {
  statement_id  = "schedule"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.all["sweep"].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.sweep.arn
}

# One that failed or came late is not worth another: the next minute brings the next.
resource "aws_lambda_function_event_invoke_config" "sweep" {
  function_name                = aws_lambda_function.all["sweep"].function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60
}
