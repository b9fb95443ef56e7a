output "policy_json" {
  description = "What the application may do: read its own password, or log in as its own user."
  value       = local.policy
}
