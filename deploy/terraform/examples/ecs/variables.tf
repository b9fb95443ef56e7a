variable "region" {
  description = "Where everything is made."
  type        = string
}

variable "name" {
  description = "Names the cache and what goes with it."
  type        = string
  default     = "tenants"
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets with a road to AWS's endpoints. Ringfence runs in the first: a volume has one zone."
  type        = list(string)
}

variable "image" {
  description = "Ringfence's image, as built by the Dockerfile of this repository."
  type        = string
}

variable "client_security_group_ids" {
  description = "The security groups of the applications, by a name of your choice."
  type        = map(string)
  default     = {}
}

variable "alarm_topic_arns" {
  description = "Whom alarms tell: SNS topics."
  type        = list(string)
  default     = []
}
