# Users that Terraform owns. Tenants' users are Ringfence's, and Terraform never hears of them.

resource "random_password" "default" {
  count = var.engine == "redis" ? 1 : 0

  length = 64
  # ElastiCache refuses , " / and @ in passwords.
  special = false
}

# A Redis user group must have a member named "default", and every connection begins as that user. It is
# off and may do nothing; its password is needed because a user without one lets anybody in. A Valkey user
# group needs none: there the engine's own is switched off.
resource "aws_elasticache_user" "default" {
  count = var.engine == "redis" ? 1 : 0

  user_id       = "${var.name}-default"
  user_name     = "default"
  engine        = "redis"
  access_string = "off -@all"
  passwords     = [random_password.default[0].result]
  tags          = var.tags
}

# By IAM: there is no password to lose, and none in Terraform's state.
resource "aws_elasticache_user" "superadmin" {
  count = var.superadmin ? 1 : 0

  user_id       = "${var.name}-superadmin"
  user_name     = "${var.name}-superadmin"
  engine        = var.engine
  access_string = "on ~* &* +@all"
  tags          = var.tags

  authentication_mode {
    type = "iam"
  }
}

resource "aws_elasticache_user" "service" {
  for_each = var.shared_services

  user_id       = "${var.name}-svc-${each.key}"
  user_name     = "${var.name}-svc-${each.key}"
  engine        = var.engine
  access_string = each.value
  tags          = var.tags

  authentication_mode {
    type = "iam"
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = var.name
  engine        = var.engine
  user_ids      = aws_elasticache_user.default[*].user_id
  tags          = var.tags

  lifecycle {
    # The members change with every tenant. Without this line each `terraform apply` takes all tenants
    # out of the group, which cuts their connections.
    ignore_changes = [user_ids]
  }
}

# Each is put in and taken out by itself; the other members are left alone.
resource "aws_elasticache_user_group_association" "owned" {
  for_each = merge(
    { for user in aws_elasticache_user.superadmin : "superadmin" => user.user_id },
    { for name, user in aws_elasticache_user.service : "svc-${name}" => user.user_id },
  )

  user_group_id = aws_elasticache_user_group.this.user_group_id
  user_id       = each.value
}
