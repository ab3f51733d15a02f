# One distribution gives the whole its one address: /api/* the API, /media/* the videos, everything else the site.

locals {
  out  = "${path.module}/../frontend/out"
  csp  = try(jsondecode(file("${local.out}/csp.json")), {})
  site = contains(keys(local.csp), "/")

  # The build's own notes and what it compressed stay behind: CloudFront compresses by itself.
  files     = local.site ? [for f in fileset(local.out, "**") : f if !can(regex("(^|/)\\.|\\.(br|gz)$|^csp\\.json$", f))] : []
  for_ever  = "_next/static/"
  not_found = "404.html"
  # What the edge has to know; what is under the build's hashed names may be anything.
  addresses = [for f in concat(local.files, ["config.json"]) : "/${f}" if !startswith(f, local.for_ever) && f != local.not_found]

  # Each page's policy goes with the page, as metadata, so that no page ever meets another build's policy.
  reached  = "https://${aws_s3_bucket.all["raw"].id}.s3.${local.region}.${data.aws_partition.current.dns_suffix} https://${split("/", aws_cognito_user_pool.users.endpoint)[0]}"
  pages    = { for f in local.files : f => f == "index.html" ? "/" : endswith(f, "/index.html") ? "/${trimsuffix(f, "index.html")}" : trimsuffix(f, ".html") if endswith(f, ".html") }
  policies = { for f, page in local.pages : f => replace(local.csp[page], "connect-src 'self'", "connect-src 'self' ${local.reached}") }

  content_types = {
    css         = "text/css; charset=utf-8", html = "text/html; charset=utf-8", ico = "image/x-icon", js = "text/javascript; charset=utf-8"
    json        = "application/json", png = "image/png", svg = "image/svg+xml", txt = "text/plain; charset=utf-8"
    webmanifest = "application/manifest+json", woff2 = "font/woff2"
  }

  # Functions at the edge may be this large.
  edge_bytes = 10240
  edge = {
    site-request   = replace(replace(file("${path.module}/edge/site_request.js"), "__ADDRESSES__", jsonencode(local.addresses)), "__NOT_FOUND__", jsonencode("/${local.not_found}"))
    site-response  = file("${path.module}/edge/site_response.js")
    media-request  = replace(file("${path.module}/edge/media_request.js"), "__KEY__", jsonencode(local.links_key))
    media-response = file("${path.module}/edge/media_response.js")
  }

  origins = {
    site  = { domain = aws_s3_bucket.all["site"].bucket_regional_domain_name, bucket = true }
    media = { domain = aws_s3_bucket.all["media"].bucket_regional_domain_name, bucket = true }
    api   = { domain = "${aws_apigatewayv2_api.http.id}.execute-api.${local.region}.${data.aws_partition.current.dns_suffix}", bucket = false }
  }
}

# --- the key that media addresses are signed with ---------------------------------------------------------------------

# Made once, at random. It is in Terraform's state, as is all that Terraform knows: keep the state to yourself.
# For another key: terraform apply -replace=terraform_data.links_key. All media addresses given out before end with it.
resource "terraform_data" "links_key" {
  input = sha256("${uuid()}${uuid()}${uuid()}")
  lifecycle {
    ignore_changes = [input]
  }
}

locals {
  links_key = sensitive(terraform_data.links_key.output)
}

# --- code and rules at the edge ---------------------------------------------------------------------------------------

resource "aws_cloudfront_function" "edge" {
  for_each = toset(["site-request", "site-response", "media-request", "media-response"])
  name     = "${var.prefix}-${each.key}"
  runtime  = "cloudfront-js-2.0"
  publish  = true
  code     = local.edge[each.key]
  lifecycle {
    precondition {
      condition     = length(nonsensitive(local.edge[each.key])) <= local.edge_bytes
      error_message = "The edge function ${each.key} is larger than CloudFront takes; the site has too many pages for a list of them."
    }
  }
}

resource "aws_cloudfront_origin_access_control" "buckets" {
  name                              = var.prefix
  description                       = "Reads the buckets of ${var.prefix}"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

data "aws_cloudfront_cache_policy" "never" {
  name = "Managed-CachingDisabled"
}

data "aws_cloudfront_origin_request_policy" "all_but_host" {
  name = "Managed-AllViewerExceptHostHeader"
}

# The objects say themselves how long they may be kept.
resource "aws_cloudfront_cache_policy" "site" {
  name        = "${var.prefix}-site"
  comment     = "As the site's files say"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 31536000
  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true
    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

locals {
  # MediaConvert's objects say nothing of caching, so it is said here. Browsers are told by the function media-response.
  kinds = {
    # The master is written anew when an encode has ended.
    playlists = { pattern = "/media/*.m3u8", seconds = 60 }
    media     = { pattern = "/media/*", seconds = 86400 }
  }
}

resource "aws_cloudfront_cache_policy" "media" {
  for_each    = local.kinds
  name        = "${var.prefix}-${each.key}"
  comment     = "By the path alone, which is the same for every pass"
  min_ttl     = each.value.seconds
  default_ttl = each.value.seconds
  max_ttl     = each.value.seconds
  parameters_in_cache_key_and_forwarded_to_origin {
    # Segments are not compressed again, so there is one copy of each.
    enable_accept_encoding_brotli = each.key == "playlists"
    enable_accept_encoding_gzip   = each.key == "playlists"
    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# Players on other sites may read media: the pass in the address is what protects it.
resource "aws_cloudfront_response_headers_policy" "media" {
  #checkov:skip=CKV_AWS_259:a year, but names below or beside this one are not ours to decide on
  name    = "${var.prefix}-media"
  comment = "Readable everywhere"
  cors_config {
    access_control_allow_credentials = false
    access_control_max_age_sec       = 86400
    origin_override                  = true
    access_control_allow_headers {
      items = ["If-Modified-Since", "If-None-Match", "If-Range", "Range"]
    }
    access_control_allow_methods {
      items = ["GET", "HEAD", "OPTIONS"]
    }
    access_control_allow_origins {
      items = ["*"]
    }
    access_control_expose_headers {
      items = ["Content-Length", "Content-Range", "ETag"]
    }
  }
  custom_headers_config {
    items {
      header   = "Cross-Origin-Resource-Policy"
      value    = "cross-origin"
      override = true
    }
  }
  remove_headers_config {
    items {
      header = "Server"
    }
    items {
      header = "X-Amz-Server-Side-Encryption"
    }
  }
  security_headers_config {
    content_type_options {
      override = true
    }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      override                   = true
    }
  }
}

# A page's own policy, and whether it may be framed, are set by the function site-response.
resource "aws_cloudfront_response_headers_policy" "site" {
  #checkov:skip=CKV_AWS_259:a year, but names below or beside this one are not ours to decide on
  name    = "${var.prefix}-site"
  comment = "What every page sends"
  custom_headers_config {
    items {
      header   = "Permissions-Policy"
      value    = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
      override = true
    }
  }
  remove_headers_config {
    items {
      header = "Server"
    }
    items {
      header = "X-Amz-Server-Side-Encryption"
    }
  }
  security_headers_config {
    content_type_options {
      override = true
    }
    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = true
    }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      override                   = true
    }
  }
}

# --- the distribution -------------------------------------------------------------------------------------------------

# No page in any custom_error_response: those hold for all behaviours alike, and would put it in the place of the API's
# own answers. What a missing page gets is decided by the functions of the default behaviour.
resource "aws_cloudfront_distribution" "site" {
  #checkov:skip=CKV_AWS_68:a firewall costs by the month and the request; API Gateway throttles, media needs a pass
  #checkov:skip=CKV2_AWS_47:no firewall, see above
  #checkov:skip=CKV_AWS_86:no access logs; they would hold the addresses and the passes of viewers
  #checkov:skip=CKV_AWS_310:one region, so no second origin to turn to
  #checkov:skip=CKV_AWS_374:videos may be watched everywhere
  #checkov:skip=CKV_AWS_305:the function site-request names the root's page
  #checkov:skip=CKV2_AWS_42:certificate_arn brings one of yours; CloudFront's own name comes with its own
  #checkov:skip=CKV_AWS_174:with a certificate of ours it is TLSv1.2_2021; CloudFront's own name takes no choice
  comment         = var.prefix
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  aliases         = var.domain_name != "" ? [var.domain_name] : []

  dynamic "origin" {
    for_each = local.origins
    content {
      origin_id                = origin.key
      domain_name              = origin.value.domain
      origin_access_control_id = origin.value.bucket ? aws_cloudfront_origin_access_control.buckets.id : null
      dynamic "custom_origin_config" {
        for_each = origin.value.bucket ? [] : [1]
        content {
          http_port              = 80
          https_port             = 443
          origin_protocol_policy = "https-only"
          origin_ssl_protocols   = ["TLSv1.2"]
        }
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = "site"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = aws_cloudfront_cache_policy.site.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.site.id
    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.edge["site-request"].arn
    }
    function_association {
      event_type   = "viewer-response"
      function_arn = aws_cloudfront_function.edge["site-response"].arn
    }
  }

  ordered_cache_behavior {
    path_pattern             = "/api/*"
    target_origin_id         = "api"
    viewer_protocol_policy   = "https-only"
    allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods           = ["GET", "HEAD"]
    compress                 = true
    cache_policy_id          = data.aws_cloudfront_cache_policy.never.id
    origin_request_policy_id = data.aws_cloudfront_origin_request_policy.all_but_host.id
    # The API sends all its headers itself.
  }

  # Playlists before the rest: the first pattern that matches counts.
  dynamic "ordered_cache_behavior" {
    for_each = [for kind in ["playlists", "media"] : merge(local.kinds[kind], { kind = kind })]
    iterator = of
    content {
      path_pattern               = of.value.pattern
      target_origin_id           = "media"
      viewer_protocol_policy     = "redirect-to-https"
      allowed_methods            = ["GET", "HEAD", "OPTIONS"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = of.value.kind == "playlists"
      cache_policy_id            = aws_cloudfront_cache_policy.media[of.value.kind].id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.media.id
      function_association {
        event_type   = "viewer-request"
        function_arn = aws_cloudfront_function.edge["media-request"].arn
      }
      function_association {
        event_type   = "viewer-response"
        function_arn = aws_cloudfront_function.edge["media-response"].arn
      }
    }
  }

  # Else CloudFront keeps these for ten seconds, whatever they say of caching, and gives the API's answer to one user to
  # everybody who asks for that address. Of 404 it believes the API's no-store.
  dynamic "custom_error_response" {
    for_each = [500, 502, 503, 504]
    content {
      error_code            = custom_error_response.value
      error_caching_min_ttl = 0
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.domain_name == ""
    acm_certificate_arn            = var.domain_name != "" ? var.certificate_arn : null
    minimum_protocol_version       = var.domain_name != "" ? "TLSv1.2_2021" : "TLSv1"
    ssl_support_method             = var.domain_name != "" ? "sni-only" : null
  }
}

# --- the site's files -------------------------------------------------------------------------------------------------

resource "aws_s3_object" "site" {
  for_each      = toset(local.files)
  bucket        = aws_s3_bucket.all["site"].id
  key           = each.key
  source        = "${local.out}/${each.key}"
  source_hash   = filemd5("${local.out}/${each.key}")
  content_type  = lookup(local.content_types, reverse(split(".", each.key))[0], "application/octet-stream")
  cache_control = startswith(each.key, local.for_ever) ? "public, max-age=31536000, immutable" : "no-cache"
  metadata = merge(
    contains(keys(local.policies), each.key) ? { csp = local.policies[each.key] } : {},
    each.key == local.not_found ? { status = "404" } : {},
  )
  # S3 counts every tag of every object.
  override_provider {
    default_tags {
      tags = {}
    }
  }
}

# What the site needs to know at run time; the API answers the same at /config.json of the local home.
resource "aws_s3_object" "config" {
  bucket        = aws_s3_bucket.all["site"].id
  key           = "config.json"
  content_type  = "application/json"
  cache_control = "no-store"
  content = templatefile("${path.module}/config.json.tftpl", {
    issuer           = local.issuer
    region           = local.region
    pool_id          = aws_cognito_user_pool.users.id
    client_id        = aws_cognito_user_pool_client.site.id
    public_url       = local.public_url
    max_upload_bytes = var.max_upload_bytes
  })
  override_provider {
    default_tags {
      tags = {}
    }
  }
  lifecycle {
    precondition {
      condition     = local.site
      error_message = "The site is not built: run `make site` (or `make package`) first."
    }
  }
}
