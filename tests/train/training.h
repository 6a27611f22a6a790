// What the tests of training have in common.
#pragma once

#include <cstdint>

#include "mnist_train/data.h"
#include "support.h"

namespace mnist::test {

/// The callback of a step that never ends an epoch.
inline bool go_on(std::int64_t /*images_done*/) { return true; }

/// The first images of the sample.
inline Dataset sample(std::int64_t images) {
  return load_split(sample_dir(), Split::kTrain, images);
}

}  // namespace mnist::test
