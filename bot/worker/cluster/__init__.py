"""The poet on a Ray Serve cluster: what waits here is written by replicas there, and here while there is no cluster.

ClusterPoet (in the bot) -> Envoy (a process of the bot's) -> Ray -> Replica (a process of the cluster's) -> Poet
"""

from bot.worker.cluster.errand import Plan
from bot.worker.cluster.poet import cluster_loader

__all__ = ["Plan", "cluster_loader"]
