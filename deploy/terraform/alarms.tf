# Somebody tries passwords, or an application holds on to one that has been replaced. So does Ringfence, once for each
# password and node, to prove that it is dead: at the default pace (`rotation.starts_per_minute`) a rotation of many
# users makes 50 of these in five minutes on each node, and the threshold is above that.
resource "aws_cloudwatch_metric_alarm" "failures" {
  for_each = {
    for pair in setproduct(keys(var.alarm_thresholds), local.node_ids) :
    "${pair[1]}-${pair[0]}" => { metric = pair[0], node = pair[1] }
  }

  alarm_name          = each.key
  alarm_description   = "${each.value.metric} on ${each.value.node}: see ACL LOG on the node, and who connects to it"
  namespace           = "AWS/ElastiCache"
  metric_name         = each.value.metric
  dimensions          = { CacheClusterId = each.value.node }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm_thresholds[each.value.metric]
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
