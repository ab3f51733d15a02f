# The API: whatever begins with /api/ goes to one function.

resource "aws_apigatewayv2_api" "http" {
  name          = var.prefix
  description   = "The API of ${var.prefix}"
  protocol_type = "HTTP"
  # Preflights are the function's own to answer; an allow-list here as well would be a second truth.
}

resource "aws_apigatewayv2_integration" "api" {
  api_id                 = aws_apigatewayv2_api.http.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.all["api"].invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

# Most calls are anybody's; those that aren't carry a token that the function itself checks, as in every home.
resource "aws_apigatewayv2_route" "api" {
  #checkov:skip=CKV_AWS_309:the function authorizes, see above
  api_id    = aws_apigatewayv2_api.http.id
  route_key = "ANY /api/{proxy+}"
  target    = "integrations/${aws_apigatewayv2_integration.api.id}"
}

resource "aws_cloudwatch_log_group" "api" {
  #checkov:skip=CKV_AWS_158:encrypted by CloudWatch's own key; nothing secret is logged
  #checkov:skip=CKV_AWS_338:log_days decides; logs name users' ids, which nobody has to keep for a year
  name              = "/aws/apigateway/${var.prefix}"
  retention_in_days = var.log_days
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.http.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = var.api_requests_per_second
    throttling_burst_limit = 2 * var.api_requests_per_second
  }

  # No query strings, no headers: there are tokens in them.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = jsonencode({
      requestId = "$context.requestId"
      time      = "$context.requestTime"
      method    = "$context.httpMethod"
      path      = "$context.path"
      status    = "$context.status"
      bytes     = "$context.responseLength"
      ms        = "$context.responseLatency"
      error     = "$context.integrationErrorMessage"
    })
  }
}

resource "aws_lambda_permission" "api" {
  statement_id  = "http"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.all["api"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.http.execution_arn}/*/*/api/*"
}
