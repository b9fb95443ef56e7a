output "instance_id" {
  description = "For `aws ssm start-session --document-name AWS-StartPortForwardingSession --parameters portNumber=8080,localPortNumber=8080 --target …`."
  value       = aws_instance.ringfence.id
}

output "ringfence_toml" {
  description = "The configuration that the task is given."
  value       = module.ringfence.ringfence_toml
}
