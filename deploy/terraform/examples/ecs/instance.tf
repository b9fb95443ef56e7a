# The machine and its disk. The disk outlives the machine, and every task.

data "aws_subnet" "ringfence" {
  id = var.subnet_ids[0]
}

data "aws_ssm_parameter" "image" {
  name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
}

resource "aws_ebs_volume" "database" {
  availability_zone = data.aws_subnet.ringfence.availability_zone
  size              = 10
  type              = "gp3"
  encrypted         = true
  tags              = { Name = "${var.name}-ringfence" }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_instance" "ringfence" {
  ami                    = data.aws_ssm_parameter.image.value
  instance_type          = "t3.small"
  subnet_id              = var.subnet_ids[0]
  vpc_security_group_ids = [aws_security_group.ringfence.id]
  iam_instance_profile   = aws_iam_instance_profile.instance.name
  tags                   = { Name = "${var.name}-ringfence" }

  # ECS's agent starts when this has ended, so no task can begin without the disk.
  user_data_replace_on_change = true
  user_data = templatefile("${path.module}/prepare-instance.sh.tftpl", {
    cluster = aws_ecs_cluster.this.name
    # The name under which the instance sees the volume.
    device = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${replace(aws_ebs_volume.database.id, "-", "")}"
  })

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    encrypted = true
  }

  lifecycle {
    # A newer image is no reason to replace the machine: do it on purpose.
    ignore_changes = [ami]
  }
}

resource "aws_volume_attachment" "database" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.database.id
  instance_id = aws_instance.ringfence.id
  # A disk is taken from a machine that has written everything down.
  stop_instance_before_detaching = true
}
