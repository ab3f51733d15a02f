# Who is told when something needs a person, and where to look.

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:alarms can't publish to a topic under AWS's own key, and hold nothing but names and numbers
  name = "${var.prefix}-alarms"
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = templatefile("${path.module}/policies/topic_alarms.json.tftpl", {
    topic   = aws_sns_topic.alarms.arn
    account = local.account
  })
}

resource "aws_sns_topic_subscription" "alarms" {
  count     = var.alarm_email != "" ? 1 : 0
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

locals {
  queue_alarms = merge([for lane in local.lanes : {
    "${lane}-dead" = {
      says       = "Messages of the lane ${lane} failed ${local.max_receives} times. Look at the function's log, then start a redrive of the queue."
      namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum"
      dimensions = { QueueName = "${var.prefix}-${lane}-dead" }
    }
    "${lane}-waiting" = {
      says       = "Messages of the lane ${lane} have waited for more than 15 minutes. Is the function failing, or throttled?"
      namespace  = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", above = 900
      dimensions = { QueueName = "${var.prefix}-${lane}" }
    }
  }]...)

  function_alarms = merge([for name in keys(local.functions) : {
    "${name}-errors" = {
      says       = "The function ${name} failed. Its log says why."
      namespace  = "AWS/Lambda", metric = "Errors", statistic = "Sum"
      dimensions = { FunctionName = "${var.prefix}-${name}" }
    }
    "${name}-throttles" = {
      says       = "The function ${name} is held back: the account's limit of concurrent executions is reached. Ask AWS for more."
      namespace  = "AWS/Lambda", metric = "Throttles", statistic = "Sum", times = 3
      dimensions = { FunctionName = "${var.prefix}-${name}" }
    }
  }]...)

  other_alarms = {
    api-failing = {
      says       = "The API answers with 5xx."
      namespace  = "AWS/ApiGateway", metric = "5xx", statistic = "Sum"
      dimensions = { ApiId = aws_apigatewayv2_api.http.id }
    }
    encodes-failing = {
      says       = "MediaConvert failed several jobs within an hour. Its console shows their errors."
      namespace  = "AWS/MediaConvert", metric = "JobsErroredCount", statistic = "Sum", above = 3, period = 3600
      dimensions = { Queue = aws_media_convert_queue.encodes.arn }
    }
    videos-stuck = {
      says       = "Videos are overdue and the sweep can't drive them on, or the sweep doesn't run. Look at its log."
      namespace  = var.prefix, metric = "Overdue", statistic = "Minimum", times = 3, unless_told = "breaching"
      dimensions = {}
    }
  }

  alarms = merge(local.queue_alarms, local.function_alarms, local.other_alarms)
}

resource "aws_cloudwatch_metric_alarm" "all" {
  for_each            = local.alarms
  alarm_name          = "${var.prefix}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  period              = try(each.value.period, 300)
  evaluation_periods  = try(each.value.times, 1)
  threshold           = try(each.value.above, 0)
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = try(each.value.unless_told, "notBreaching")
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# The sweep logs {"overdue": n, ...} each time: how many videos were still overdue after it.
resource "aws_cloudwatch_log_metric_filter" "overdue" {
  name           = "${var.prefix}-overdue"
  log_group_name = aws_cloudwatch_log_group.functions["sweep"].name
  pattern        = "{ $.overdue >= 0 }"
  metric_transformation {
    name      = "Overdue"
    namespace = var.prefix
    value     = "$.overdue"
  }
}

resource "aws_budgets_budget" "month" {
  name         = var.prefix
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "notification" {
    for_each = [["ACTUAL", 80], ["ACTUAL", 100], ["FORECASTED", 100]]
    content {
      notification_type         = notification.value[0]
      threshold                 = notification.value[1]
      threshold_type            = "PERCENTAGE"
      comparison_operator       = "GREATER_THAN"
      subscriber_sns_topic_arns = [aws_sns_topic.alarms.arn]
    }
  }

  # It is refused while the topic takes nothing from it.
  depends_on = [aws_sns_topic_policy.alarms]
}

locals {
  # Title, statistic, and metrics as CloudWatch writes them.
  widgets = [
    ["Messages waiting", "Maximum", local.region, [for lane in local.lanes : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${var.prefix}-${lane}"]]],
    ["Age of the oldest message (s)", "Maximum", local.region, [for lane in local.lanes : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "${var.prefix}-${lane}"]]],
    ["Dead letters", "Maximum", local.region, [for lane in local.lanes : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${var.prefix}-${lane}-dead"]]],
    ["Videos overdue", "Maximum", local.region, [[var.prefix, "Overdue"]]],
    ["Function errors", "Sum", local.region, [for name in keys(local.functions) : ["AWS/Lambda", "Errors", "FunctionName", "${var.prefix}-${name}"]]],
    ["Function time (ms, p95)", "p95", local.region, [for name in keys(local.functions) : ["AWS/Lambda", "Duration", "FunctionName", "${var.prefix}-${name}"]]],
    ["Functions at once", "Maximum", local.region, [for name in keys(local.functions) : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", "${var.prefix}-${name}"]]],
    ["API answers", "Sum", local.region, [for metric in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", metric, "ApiId", aws_apigatewayv2_api.http.id]]],
    ["API time (ms, p95)", "p95", local.region, [["AWS/ApiGateway", "Latency", "ApiId", aws_apigatewayv2_api.http.id]]],
    ["Encodes", "Sum", local.region, [for metric in ["JobsCompletedCount", "JobsErroredCount"] : ["AWS/MediaConvert", metric, "Queue", aws_media_convert_queue.encodes.arn]]],
    # CloudFront tells its numbers in us-east-1 alone.
    ["Requests at the edge", "Sum", "us-east-1", [["AWS/CloudFront", "Requests", "Region", "Global", "DistributionId", aws_cloudfront_distribution.site.id]]],
    ["Bytes to viewers", "Sum", "us-east-1", [["AWS/CloudFront", "BytesDownloaded", "Region", "Global", "DistributionId", aws_cloudfront_distribution.site.id]]],
  ]
}

resource "aws_cloudwatch_dashboard" "sluice" {
  dashboard_name = var.prefix
  dashboard_body = jsonencode({
    widgets = [for at, widget in local.widgets : {
      type       = "metric"
      x          = (at % 3) * 8
      y          = floor(at / 3) * 6
      width      = 8
      height     = 6
      properties = { title = widget[0], stat = widget[1], region = widget[2], metrics = widget[3], period = 300, view = "timeSeries" }
    }]
  })
}
