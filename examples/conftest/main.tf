resource "aws_s3_bucket" "receipts" {
  bucket = "receipts"
  tags   = { owner = "payments" }
}

resource "aws_s3_bucket" "exports" {
  bucket = "exports"
  acl    = "public-read"
}
