data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  place = {
    partition = data.aws_partition.current.partition
    region    = data.aws_region.current.region
    account   = data.aws_caller_identity.current.account_id
    tenant    = var.tenant
  }

  # Secrets Manager ends a secret's ARN with a hyphen and six characters: that many question marks cover
  # this secret and none whose name only begins with the tenant's.
  policy = var.auth == "iam" ? (
    templatefile("${path.module}/../../policies/tenant-iam.json.tftpl", merge(local.place, {
      user_id_prefix = var.user_id_prefix
      cache_arn      = var.cache_arn
    }))
    ) : templatefile("${path.module}/../../policies/tenant-password.json.tftpl", merge(local.place, {
      secret_prefix = var.secret_prefix
  }))
}

resource "aws_iam_role_policy" "this" {
  count = var.role_name == null ? 0 : 1

  name   = "ringfence-${replace(var.tenant, "/", "-")}"
  role   = var.role_name
  policy = local.policy
}
