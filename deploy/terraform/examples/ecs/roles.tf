# Three roles: what Ringfence may do, what ECS needs to start it, and what the machine needs to be in the
# cluster.

data "aws_iam_policy_document" "assumed_by" {
  for_each = toset(["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.key]
    }
  }
}

resource "aws_iam_role" "ringfence" {
  name               = "${var.name}-ringfence"
  assume_role_policy = data.aws_iam_policy_document.assumed_by["ecs-tasks.amazonaws.com"].json
}

resource "aws_iam_role_policy_attachment" "ringfence" {
  role       = aws_iam_role.ringfence.name
  policy_arn = module.ringfence.ringfence_policy_arns[0]
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-ringfence-execution"
  assume_role_policy = data.aws_iam_policy_document.assumed_by["ecs-tasks.amazonaws.com"].json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role" "instance" {
  name               = "${var.name}-ringfence-instance"
  assume_role_policy = data.aws_iam_policy_document.assumed_by["ec2.amazonaws.com"].json
}

resource "aws_iam_role_policy_attachment" "instance" {
  for_each = toset([
    "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
    # For `aws ssm start-session`, with which a person reaches the API by port forwarding.
    "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
  ])

  role       = aws_iam_role.instance.name
  policy_arn = each.key
}

resource "aws_iam_instance_profile" "instance" {
  name = "${var.name}-ringfence"
  role = aws_iam_role.instance.name
}
