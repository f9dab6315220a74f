// SPDX-License-Identifier: Apache-2.0
#pragma once

/// No core dumps and no ptrace by other programs of the user (keys are in memory); large buffers
/// stay with the process for reuse instead of being faulted in again.
void snap_process_prepare(void);
