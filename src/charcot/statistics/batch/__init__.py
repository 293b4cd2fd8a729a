"""MMRM for thousands of data sets of one design at once."""

from charcot.statistics.batch.design import BatchDesign, batch_design
from charcot.statistics.batch.mmrm_batch import BatchLines, MMRMBatch, mmrm_batch

__all__ = ["BatchDesign", "BatchLines", "MMRMBatch", "batch_design", "mmrm_batch"]
