# METADATA
# title: What a bucket must be
# description: Rules over files of Terraform, as `merlon compat conftest` and conftest ask them.
package main

deny contains msg if {
	some name, definitions in input.resource.aws_s3_bucket
	some bucket in definitions
	startswith(bucket.acl, "public")
	msg := sprintf("bucket %s can be read by everyone", [name])
}

warn contains msg if {
	some name, definitions in input.resource.aws_s3_bucket
	some bucket in definitions
	not bucket.tags.owner
	msg := sprintf("bucket %s has no owner", [name])
}
