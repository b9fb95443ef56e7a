variable "name" {
  description = "Names everything that is made: the replication group, the user group, and what goes with them."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 32
    error_message = "Lower-case letters, digits and single hyphens, beginning with a letter, at most 32 characters: ElastiCache takes no others."
  }
}

variable "vpc_id" {
  description = "The VPC of the cache."
  type        = string
}

variable "subnet_ids" {
  description = "The subnets of the cache's nodes. Private ones, in as many zones as there are copies of a shard."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "Name at least one subnet."
  }
}

variable "client_security_group_ids" {
  description = "Who may connect: the security groups of Ringfence, which attests, and of the applications. By a name of your choice."
  type        = map(string)
  default     = {}
}

variable "engine" {
  description = "valkey, or redis. With redis the module also makes the user named default that Redis user groups must have, and switches it off."
  type        = string
  default     = "valkey"

  validation {
    condition     = contains(["valkey", "redis"], var.engine)
    error_message = "Either valkey or redis."
  }
}

variable "engine_version" {
  description = "MAJOR.MINOR, at least 7.0: older engines know no IAM authentication."
  type        = string
  default     = "8.1"

  validation {
    condition     = can(regex("^([7-9]|[1-9][0-9])\\.[0-9]+$", var.engine_version))
    error_message = "MAJOR.MINOR, at least 7.0, such as \"8.1\"."
  }
}

variable "node_type" {
  description = "The size of each node."
  type        = string
  default     = "cache.r7g.large"
}

variable "shards" {
  description = "With more than one the cache is in cluster mode."
  type        = number
  default     = 1

  validation {
    condition     = var.shards >= 1 && var.shards <= 500 && floor(var.shards) == var.shards
    error_message = "A whole number from 1 to 500."
  }
}

variable "replicas" {
  description = "The replicas of each shard. Without one there is no failover."
  type        = number
  default     = 1

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "A whole number from 0 to 5."
  }
}

variable "parameters" {
  description = "Further parameters of the engine, such as maxmemory-policy."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.parameters), ["acl-pubsub-default", "cluster-enabled"])) == 0
    error_message = "acl-pubsub-default and cluster-enabled are the module's: the first keeps tenants from each other's channels."
  }
}

variable "snapshot_retention_days" {
  description = "How long daily snapshots of the cache's data are kept; 0 makes none."
  type        = number
  default     = 7

  validation {
    condition     = var.snapshot_retention_days >= 0 && var.snapshot_retention_days <= 35
    error_message = "From 0 to 35."
  }
}

variable "kms_key_arn" {
  description = "The key that encrypts the cache at rest. Unset: the module makes one."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:", var.kms_key_arn))
    error_message = "The ARN of a KMS key."
  }
}

variable "superadmin" {
  description = "Whether to make a user that may do everything and authenticates by IAM. Nobody can use it without elasticache:Connect on it."
  type        = bool
  default     = true
}

variable "shared_services" {
  description = "Users that Terraform owns beside Ringfence's, with an access string each; they authenticate by IAM. Services that Ringfence makes (POST /services) need no entry."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.shared_services) : can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", name))])
    error_message = "Names of lower-case letters, digits and single hyphens."
  }

  validation {
    condition     = alltrue([for rules in values(var.shared_services) : !can(regex("(^| )(~\\*|allkeys|&\\*|allchannels|nopass|reset)( |$)", rules))])
    error_message = "A shared service gets a prefix of its own: name its keys and channels, and no password."
  }
}

variable "user_id_prefix" {
  description = "Ringfence's setting of that name: the policy covers the users whose ids begin so."
  type        = string
  default     = "rf-"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.user_id_prefix))
    error_message = "Lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "secret_prefix" {
  description = "Ringfence's setting of that name: the policy covers the secrets whose names begin so."
  type        = string
  default     = "ringfence/"

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@-]+$", var.secret_prefix))
    error_message = "Letters, digits and /_+=.@- only, and not empty: without a prefix the policy would cover every secret of the account."
  }
}

variable "adopted_user_ids" {
  description = "Ids of users that other tools made and `ringfence import` takes over, with * for any text. The policy covers them too."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.adopted_user_ids : can(regex("^[a-z][a-z0-9*-]*$", id))])
    error_message = "Lower-case letters, digits, hyphens and *, beginning with a letter."
  }
}

variable "assumed_role_arns" {
  description = "The roles that Ringfence assumes to reach caches of other accounts (`assume_role` in its configuration)."
  type        = list(string)
  default     = []
}

variable "user_quota" {
  description = "How many users AWS lets the user group hold: the quota \"Users per user group\" of the account."
  type        = number
  default     = 100

  validation {
    condition     = var.user_quota >= 1
    error_message = "At least 1."
  }
}

variable "database_path" {
  description = "Where Ringfence keeps its database, for the configuration that the module writes."
  type        = string
  default     = "/var/lib/ringfence/ringfence.db"
}

variable "listen" {
  description = "Where Ringfence listens, as address:port, for the configuration that the module writes. By default on all addresses of its container, where it speaks plain HTTP until it is given a certificate."
  type        = string
  default     = "0.0.0.0:8080"

  validation {
    condition     = can(regex("^([0-9.]+|\\[[0-9a-f:.]+\\]):[0-9]{1,5}$", var.listen))
    error_message = "An address and a port, such as 0.0.0.0:8080 or [::1]:8080."
  }
}

variable "auth_mode" {
  description = "bearer: each request shows a token. none: nobody is asked who they are, which only goes with loopback in listen."
  type        = string
  default     = "bearer"

  validation {
    condition     = contains(["bearer", "none"], var.auth_mode)
    error_message = "Either bearer or none."
  }

  validation {
    condition     = var.auth_mode != "none" || can(regex("^(127\\.|\\[::1\\])", var.listen))
    error_message = "Ringfence refuses none on an address that others can reach: say bearer, or listen on loopback."
  }
}

variable "alarm_thresholds" {
  description = "How many failures in five minutes on one node raise an alarm, by CloudWatch's metric. Attestations make some themselves: they try what a tenant must not, which counts as KeyAuthorizationFailures, CommandAuthorizationFailures and ChannelAuthorizationFailures; and to prove a replaced password dead they log in with it once on each node, an AuthenticationFailure. A rotation of many users at once makes many of those: keep the threshold above what five minutes of it make."
  type        = map(number)
  default     = { AuthenticationFailures = 100 }

  validation {
    condition = length(setsubtract(keys(var.alarm_thresholds), [
      "AuthenticationFailures",
      "KeyAuthorizationFailures",
      "CommandAuthorizationFailures",
      "ChannelAuthorizationFailures",
    ])) == 0
    error_message = "AuthenticationFailures, KeyAuthorizationFailures, CommandAuthorizationFailures or ChannelAuthorizationFailures."
  }
}

variable "alarm_topic_arns" {
  description = "Whom alarms tell: SNS topics."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags on everything that the module makes."
  type        = map(string)
  default     = {}
}
