// SPDX-License-Identifier: Apache-2.0
import Glibc

/// How many files this process may hold open.
public enum DescriptorLimit {
  /// Raises the limit as far as the system lets it; gives back the number in force.
  ///
  /// A walk holds a descriptor for each directory whose entries are still to be read.
  @discardableResult
  public static func raise() -> UInt64 {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return 0
    }
    if limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = limit.rlim_max
      if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 {
        limit = raised
      }
    }
    return UInt64(limit.rlim_cur)
  }
}
