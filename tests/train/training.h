// What the tests of training have in common.
#pragma once

#include <torch/utils.h>

#include <memory>

#include "mnist_train/data.h"
#include "mnist_train/shape.h"
#include "support.h"
#include "train/engine.h"

namespace mnist::test {

/// The callback of a step that never ends an epoch.
inline bool go_on(std::int64_t /*images_done*/) { return true; }

/// The first images of the sample.
inline Dataset sample(std::int64_t images) {
  return load_split(sample_dir(), Split::kTrain, images);
}

/// Images of random pixels, of which each of the ten digits has as many, in turn.
inline Dataset noise(std::int64_t images) {
  return {torch::randint(0, 256, {images, kPixels}, torch::kUInt8),
          torch::arange(images).remainder(kDigits)};
}

/// Sets all parameters to this number.
inline void fill(Mlp& model, double value) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : model->parameters()) parameter.fill_(value);
}

/// An engine of that kind on the CPU.
inline std::unique_ptr<Engine> engine_of(EngineKind kind, const Mlp& model, const Dataset& train,
                                         const TrainingOptions& options, int threads = 1) {
  return make_engine({kind, torch::kCPU, threads, ""}, model, train, options);
}

inline void expect_equal(const std::vector<torch::Tensor>& found,
                         const std::vector<torch::Tensor>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_TRUE(torch::equal(found[i], expected[i]));
}

}  // namespace mnist::test
