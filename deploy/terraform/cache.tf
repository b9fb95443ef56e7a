locals {
  major          = split(".", var.engine_version)[0]
  cluster_mode   = var.shards > 1
  shard_copies   = var.replicas + 1
  cluster_number = local.cluster_mode ? "%s-%04d-%03d" : "%s-%03[3]d"
  # As ElastiCache names them, so that alarms on them can be planned before they exist.
  node_ids = toset([
    for place in setproduct(range(1, var.shards + 1), range(1, local.shard_copies + 1)) :
    format(local.cluster_number, var.name, place[0], place[1])
  ])
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
  tags       = var.tags
}

resource "aws_elasticache_parameter_group" "this" {
  # A group belongs to one family and cannot change it: a new major version gets a new group.
  name        = "${var.name}-${var.engine}${local.major}"
  family      = "${var.engine}${local.major}"
  description = "Ringfence: ${var.name}"
  tags        = var.tags

  # ElastiCache's own default lets a user without channel rules reach every channel.
  parameter {
    name  = "acl-pubsub-default"
    value = "resetchannels"
  }

  parameter {
    name  = "cluster-enabled"
    value = local.cluster_mode ? "yes" : "no"
  }

  dynamic "parameter" {
    for_each = var.parameters

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "Ringfence: ${var.name}"
  engine               = var.engine
  engine_version       = var.engine_version
  node_type            = var.node_type
  port                 = 6379

  num_node_groups            = var.shards
  replicas_per_node_group    = var.replicas
  automatic_failover_enabled = local.cluster_mode || var.replicas > 0
  multi_az_enabled           = var.replicas > 0

  # User groups need TLS on every connection.
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = local.kms_key_arn

  user_group_ids       = [aws_elasticache_user_group.this.user_group_id]
  subnet_group_name    = aws_elasticache_subnet_group.this.name
  parameter_group_name = aws_elasticache_parameter_group.this.name
  security_group_ids   = [aws_security_group.cache.id]

  auto_minor_version_upgrade = true
  snapshot_retention_limit   = var.snapshot_retention_days
  tags                       = var.tags
}
