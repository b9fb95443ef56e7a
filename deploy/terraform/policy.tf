# What Ringfence may do: exactly the calls that it makes. A test of Ringfence holds the policy against them.

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.region
  account    = data.aws_caller_identity.current.account_id
  arn_prefix = "arn:${local.partition}:elasticache:${local.region}:${local.account}"
  group_arn  = "${local.arn_prefix}:usergroup:${var.name}"
  user_arns = [
    for id in concat(["${var.user_id_prefix}*"], var.adopted_user_ids) : "${local.arn_prefix}:user:${id}"
  ]

  # Users of IAM that another tool has made keep their ids.
  iam_user_arns = [
    for id in concat(["${var.user_id_prefix}*---iam"], var.adopted_user_ids) : "${local.arn_prefix}:user:${id}"
  ]

  ringfence_policy = templatefile("${path.module}/policies/ringfence.json.tftpl", {
    partition           = local.partition
    region              = local.region
    account             = local.account
    secret_prefix       = var.secret_prefix
    user_arns           = jsonencode(local.user_arns)
    group_and_user_arns = jsonencode(concat([local.group_arn], local.user_arns))
    connect_arns        = jsonencode(concat([aws_elasticache_replication_group.this.arn], local.iam_user_arns))
    describe_cache      = "DescribeReplicationGroups"
    cache_arn           = aws_elasticache_replication_group.this.arn
  })
}

resource "aws_iam_policy" "ringfence" {
  name        = "${var.name}-ringfence"
  description = "What Ringfence needs to manage tenants of the cache ${var.name}"
  policy      = local.ringfence_policy
  tags        = var.tags
}

resource "aws_iam_policy" "assume_role" {
  count = length(var.assumed_role_arns) > 0 ? 1 : 0

  name        = "${var.name}-ringfence-assume-role"
  description = "The roles that Ringfence assumes to reach caches of other accounts"
  policy      = templatefile("${path.module}/policies/assume-role.json.tftpl", { role_arns = jsonencode(var.assumed_role_arns) })
  tags        = var.tags
}
