output "site_url" {
  description = "Where the site is."
  value       = local.public_url
}

output "api_url" {
  description = "Where the API is, on the site's own origin."
  value       = "${local.public_url}/api"
}

output "cdn_domain" {
  description = "What the DNS record of domain_name has to point to (CNAME or alias)."
  value       = aws_cloudfront_distribution.site.domain_name
}

output "user_pool_id" {
  description = "The Cognito user pool."
  value       = aws_cognito_user_pool.users.id
}

output "user_pool_client_id" {
  description = "The client id that browsers sign in with."
  value       = aws_cognito_user_pool_client.site.id
}

output "tasks_queue_url" {
  description = "Where to say that an account is gone or has another name; docs/DEPLOY.md shows how."
  value       = aws_sqs_queue.lanes["tasks"].url
}

output "alarms_topic" {
  description = "The SNS topic that alarms go to."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard_url" {
  description = "How it is doing."
  value       = "https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.sluice.dashboard_name}"
}
