variable "tenant" {
  description = "The tenant's name in Ringfence. A further user's is TENANT/USER."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*(/[a-z][a-z0-9]*(-[a-z0-9]+)*)?$", var.tenant))
    error_message = "A name of lower-case letters, digits and single hyphens; for a further user two of them with a slash between."
  }
}

variable "auth" {
  description = "How the application logs in: with the password in Secrets Manager (password), or with a token (iam)."
  type        = string
  default     = "password"

  validation {
    condition     = contains(["password", "iam"], var.auth)
    error_message = "Either password or iam."
  }

  validation {
    condition     = var.auth == "password" || !strcontains(var.tenant, "/")
    error_message = "Further users have passwords."
  }
}

variable "cache_arn" {
  description = "The cache that the tenant lives in; needed with iam."
  type        = string
  default     = null

  validation {
    condition     = var.auth == "password" || var.cache_arn != null
    error_message = "With auth = \"iam\" the cache has to be named."
  }
}

variable "user_id_prefix" {
  description = "Ringfence's setting of that name."
  type        = string
  default     = "rf-"
}

variable "secret_prefix" {
  description = "Ringfence's setting of that name."
  type        = string
  default     = "ringfence/"
}

variable "role_name" {
  description = "The application's role, to be given the policy. Unset: take the document from the output."
  type        = string
  default     = null
}
