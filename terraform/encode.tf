# Where encodes wait, and what they may touch: MediaConvert reads uploads and writes media, nothing else.

resource "aws_media_convert_queue" "encodes" {
  name        = var.prefix
  description = "Encodes of ${var.prefix}"
}

resource "aws_iam_role" "encoder" {
  name = "${var.prefix}-encoder"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "mediaconvert.amazonaws.com" }
      # Nobody else's jobs may use it through the service.
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "encoder" {
  name   = "work"
  role   = aws_iam_role.encoder.id
  policy = templatefile("${path.module}/policies/encoder.json.tftpl", local.granted)
}
