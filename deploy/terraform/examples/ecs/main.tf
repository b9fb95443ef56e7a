module "ringfence" {
  source = "../.."

  name             = var.name
  vpc_id           = var.vpc_id
  subnet_ids       = var.subnet_ids
  alarm_topic_arns = var.alarm_topic_arns
  database_path    = "/var/lib/ringfence/ringfence.db"
  # For what else runs on the machine, and nobody else: see the README.
  listen    = "127.0.0.1:8080"
  auth_mode = "none"

  client_security_group_ids = merge(
    { ringfence = aws_security_group.ringfence.id },
    var.client_security_group_ids,
  )
}

resource "aws_security_group" "ringfence" {
  name        = "${var.name}-ringfence"
  description = "Ringfence: nobody connects to it, it connects to AWS and to the cache"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "ringfence" {
  security_group_id = aws_security_group.ringfence.id
  description       = "AWS's endpoints and the cache"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_cloudwatch_log_group" "ringfence" {
  name              = "/ringfence/${var.name}"
  retention_in_days = 90
}

resource "aws_ecs_cluster" "this" {
  name = "${var.name}-ringfence"
}

resource "aws_ecs_task_definition" "ringfence" {
  family                   = "${var.name}-ringfence"
  requires_compatibilities = ["EC2"]
  # Its API listens on loopback only. Whoever calls it runs on this instance, in the host's network as well.
  network_mode       = "host"
  task_role_arn      = aws_iam_role.ringfence.arn
  execution_role_arn = aws_iam_role.execution.arn

  volume {
    name      = "database"
    host_path = "/var/lib/ringfence"
  }

  container_definitions = jsonencode([{
    name              = "ringfence"
    image             = var.image
    essential         = true
    memoryReservation = 128
    memory            = 512
    # It writes to its database's disk and nowhere else.
    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    dockerSecurityOptions  = ["no-new-privileges"]
    # Longer than `shutdown_grace`: steps in flight may end.
    stopTimeout = 40
    command     = ["serve"]
    environment = [for name, value in module.ringfence.ringfence_environment : { name = name, value = tostring(value) }]
    mountPoints = [{ sourceVolume = "database", containerPath = "/var/lib/ringfence" }]
    # Whether it lives, and not whether it is ready: ECS replaces what fails, which mends no full disk.
    healthCheck = { command = ["CMD", "ringfence", "healthcheck", "--live"], interval = 10, timeout = 6, retries = 3, startPeriod = 60 }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.ringfence.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "ringfence"
      }
    }
  }])
}

resource "aws_ecs_service" "ringfence" {
  name            = "ringfence"
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.ringfence.arn
  launch_type     = "EC2"
  desired_count   = 1
  # The old task ends before the new one begins: a database has one process.
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100

  depends_on = [aws_volume_attachment.database]
}
