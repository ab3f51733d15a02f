# A queue a lane, each with its dead letters, and the events that AWS itself puts into them.

locals {
  lanes = toset(["sources", "encodes", "tasks"])
  # Five tries, then a person has to look.
  max_receives = 5
  # AWS's advice: six times what the function may take, so that nothing is handed out twice while it is being retried.
  visibility_factor = 6

  # The names are known before the queues are; so no policy has to wait for a queue.
  lane_arns = { for lane in local.lanes : lane => "arn:${local.partition}:sqs:${local.region}:${local.account}:${var.prefix}-${lane}" }
}

resource "aws_sqs_queue" "dead_letters" {
  for_each                  = local.lanes
  name                      = "${var.prefix}-${each.key}-dead"
  message_retention_seconds = 14 * 86400
  sqs_managed_sse_enabled   = true
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.lane_arns[each.key]]
  })
  # EventBridge puts here what it could not deliver.
  policy = each.key != "encodes" ? null : templatefile("${path.module}/policies/queue_events.json.tftpl", {
    queue = "${local.lane_arns[each.key]}-dead"
    rule  = aws_cloudwatch_event_rule.encodes.arn
  })
}

resource "aws_sqs_queue" "lanes" {
  for_each                   = local.lanes
  name                       = "${var.prefix}-${each.key}"
  visibility_timeout_seconds = local.visibility_factor * local.functions[each.key].timeout
  message_retention_seconds  = 4 * 86400
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[each.key].arn
    maxReceiveCount     = local.max_receives
  })
  policy = lookup(local.lane_policies, each.key, null)
}

locals {
  lane_policies = {
    sources = templatefile("${path.module}/policies/queue_uploads.json.tftpl", {
      queue   = local.lane_arns["sources"]
      bucket  = aws_s3_bucket.all["raw"].arn
      account = local.account
    })
    encodes = templatefile("${path.module}/policies/queue_events.json.tftpl", {
      queue = local.lane_arns["encodes"]
      rule  = aws_cloudwatch_event_rule.encodes.arn
    })
  }
}

# The end and the progress of encodes, of our MediaConvert queue alone.
resource "aws_cloudwatch_event_rule" "encodes" {
  name        = "${var.prefix}-encodes"
  description = "What MediaConvert says of ${var.prefix}'s jobs"
  event_pattern = jsonencode({
    source        = ["aws.mediaconvert"]
    "detail-type" = ["MediaConvert Job State Change"]
    detail = {
      queue  = [aws_media_convert_queue.encodes.arn]
      status = ["STATUS_UPDATE", "COMPLETE", "ERROR", "CANCELED"]
    }
  })
}

resource "aws_cloudwatch_event_target" "encodes" {
  rule      = aws_cloudwatch_event_rule.encodes.name
  target_id = "encodes"
  arn       = aws_sqs_queue.lanes["encodes"].arn
  dead_letter_config {
    arn = aws_sqs_queue.dead_letters["encodes"].arn
  }
}
