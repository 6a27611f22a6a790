// Measures what the CPU can do, in loops that do nothing else. Compiled for each instruction
// set, like kernels.cpp.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "limit.cpp"
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include <chrono>
#include <limits>
#include <vector>

#include "kernels/tiles-inl.h"
#include "limit.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::HWY_NAMESPACE {

void multiply_add(const float* data, std::size_t floats, float* sums) {
  constexpr std::size_t kAtOnce = 8;
  Vector total[kAtOnce];
  load(sums, total);
  const Vector value = hn::Set(kFloats, 0.5F);
  for (std::size_t i = 0; i + kAtOnce * kLanes <= floats; i += kAtOnce * kLanes) {
    repeat(kEach<kAtOnce>, [&](std::size_t v) HWY_ATTR {
      total[v] = hn::MulAdd(value, hn::Load(kFloats, data + i + v * kLanes), total[v]);
    });
  }
  store(total, sums);
}

void change(float* data, std::size_t floats) {
  const Vector value = hn::Set(kFloats, 0.5F);
  for (std::size_t i = 0; i + kLanes <= floats; i += kLanes) {
    hn::Store(hn::MulAdd(value, value, hn::Load(kFloats, data + i)), kFloats, data + i);
  }
}

std::size_t lanes() { return kLanes; }

}  // namespace mnist::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace mnist {

HWY_EXPORT(multiply_add);
HWY_EXPORT(change);
HWY_EXPORT(lanes);

namespace {

/// The least time that `work` took, in seconds.
template <typename Work>
double least_seconds(const Work& work) {
  constexpr int kTimes = 2000;
  using Clock = std::chrono::steady_clock;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kTimes; ++i) {
    const Clock::time_point start = Clock::now();
    work();
    least = std::min(least, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return least;
}

}  // namespace

VectorRates measure_rates(std::size_t floats) {
  constexpr std::size_t kCached = std::size_t{4} * 1024;  // half of a first-level cache
  constexpr int kPasses = 20;
  const RowStorage cached(1, kCached);
  const RowStorage sums(1, 8 * kRowMultiple);
  const RowStorage weights(1, floats);
  const auto lanes = static_cast<double>(HWY_DYNAMIC_DISPATCH(lanes)());
  VectorRates rates{static_cast<std::size_t>(lanes), 0, 0};
  rates.multiply_add = least_seconds([&] {
    for (int i = 0; i < kPasses; ++i) {
      HWY_DYNAMIC_DISPATCH(multiply_add)(cached.rows().data, kCached, sums.rows().data);
    }
  });
  rates.multiply_add /= kPasses * static_cast<double>(kCached) / lanes;
  rates.update = least_seconds([&] { HWY_DYNAMIC_DISPATCH(change)(weights.rows().data, floats); });
  rates.update /= static_cast<double>(floats) / lanes;
  return rates;
}

}  // namespace mnist

#endif  // HWY_ONCE
