// SPDX-License-Identifier: Apache-2.0
#ifndef SNAP_CLINUX_H
#define SNAP_CLINUX_H

#include "files.h"
#include "storage.h"
#include "writeback.h"
#include "process.h"

#endif
