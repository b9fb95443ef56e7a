locals {
  configuration = {
    listen            = var.listen
    auth_mode         = var.auth_mode
    database          = var.database_path
    user_id_prefix    = var.user_id_prefix
    secret_prefix     = var.secret_prefix
    region            = local.region
    cache             = var.name
    replication_group = aws_elasticache_replication_group.this.replication_group_id
    user_group        = aws_elasticache_user_group.this.user_group_id
    engine            = var.engine
    engine_version    = var.engine_version
    user_quota        = var.user_quota
  }
}

output "ringfence_toml" {
  description = "A configuration for Ringfence that fits what was made."
  value       = templatefile("${path.module}/templates/ringfence.toml.tftpl", local.configuration)
}

output "ringfence_environment" {
  description = "The same as variables, for where nobody could put a file, such as ECS."
  value = {
    RINGFENCE_LISTEN                       = local.configuration.listen
    RINGFENCE_AUTH__MODE                   = local.configuration.auth_mode
    RINGFENCE_DATABASE                     = local.configuration.database
    RINGFENCE_USER_ID_PREFIX               = local.configuration.user_id_prefix
    RINGFENCE_SECRET_PREFIX                = local.configuration.secret_prefix
    RINGFENCE_AWS__REGION                  = local.configuration.region
    RINGFENCE_CACHES__0__NAME              = local.configuration.cache
    RINGFENCE_CACHES__0__REPLICATION_GROUP = local.configuration.replication_group
    RINGFENCE_CACHES__0__USER_GROUP        = local.configuration.user_group
    RINGFENCE_CACHES__0__ENGINE            = local.configuration.engine
    RINGFENCE_CACHES__0__ENGINE_VERSION    = local.configuration.engine_version
    RINGFENCE_CACHES__0__USER_QUOTA        = local.configuration.user_quota
  }
}

output "ringfence_policy_arns" {
  description = "The policies to attach to Ringfence's role."
  value       = concat([aws_iam_policy.ringfence.arn], aws_iam_policy.assume_role[*].arn)
}

output "ringfence_policy_json" {
  description = "The first of them as a document, for a role that is made elsewhere."
  value       = local.ringfence_policy
}

output "cache_arn" {
  description = "The replication group."
  value       = aws_elasticache_replication_group.this.arn
}

output "endpoint" {
  description = "Where clients connect, by TLS."
  value = local.cluster_mode ? (
    aws_elasticache_replication_group.this.configuration_endpoint_address
  ) : aws_elasticache_replication_group.this.primary_endpoint_address
}

output "port" {
  description = "The port there."
  value       = aws_elasticache_replication_group.this.port
}

output "user_group_id" {
  description = "The user group, for Ringfence to put tenants into."
  value       = aws_elasticache_user_group.this.user_group_id
}

output "security_group_id" {
  description = "The cache's security group."
  value       = aws_security_group.cache.id
}

output "kms_key_arn" {
  description = "The key that encrypts the cache at rest."
  value       = local.kms_key_arn
}

output "superadmin_user_id" {
  description = "The user that may do everything; null if there is none."
  value       = one(aws_elasticache_user.superadmin[*].user_id)
}
