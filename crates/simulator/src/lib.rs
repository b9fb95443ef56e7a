//! A look-alike of ElastiCache and Secrets Manager.
