// This file is compiled once for each instruction set, and the best one is chosen at run time. That
// is Highway's way: foreach_target.h includes this file again and again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sparse/kernels.cpp"
// The vectors of these targets have no fixed size, so they cannot be kept in the arrays below. NEON
// serves those of the processors that are ARM's.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/process.h"
#include "sparse/kernels.h"
#include "sparse/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::HWY_NAMESPACE {

// The weight rows are taken in blocks, each small enough to stay in the first-level cache until all
// images have used it.
void forward(const LayerWeights& layer, const EntryLists& by_image, Range images, Rows outputs) {
  constexpr std::size_t kBlockFloats = std::size_t{8} * 1024;
  const std::size_t width = layer.width;
  if (width == 0) return;
  const std::size_t block_rows = std::max(kBlockFloats / width, std::size_t{1});
  const float* const biases = layer.weights[layer.inputs];
  std::array<const Entry*, kForwardImages> next{};
  for_tiles<kRegisters / 2>(0, width, [&](std::size_t column, auto vectors) HWY_ATTR {
    for (std::size_t b = images.begin; b < images.end; ++b) {
      next[b - images.begin] = by_image.entries + by_image.begin[b];
      std::copy_n(biases + column, vectors() * kLanes, outputs[b] + column);
    }
    for (std::size_t end = block_rows; end < layer.inputs + block_rows; end += block_rows) {
      for (std::size_t b = images.begin; b < images.end; ++b) {
        const Entry* entry = next[b - images.begin];
        if (entry->index >= end) continue;
        float* const output = outputs[b] + column;
        Vector sums[vectors()];
        load(output, sums);
        do {
          add_row(sums, *entry++, layer.weights, column);
        } while (entry->index < end);
        repeat(kEach<vectors()>,
               [&](std::size_t v) HWY_ATTR { hn::Store(sums[v], kFloats, output + v * kLanes); });
        next[b - images.begin] = entry;
      }
    }
  });
}

void backward(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
              Rows input_deltas) {
  for (std::size_t i = 0; i < layer.inputs; ++i) {
    for (std::size_t e = by_input.begin[i]; e < by_input.end[i]; ++e) {
      const std::uint32_t image = by_input.entries[e].index;
      Vector sum = hn::Zero(kFloats);
      for (std::size_t column = 0; column < layer.width; column += kLanes) {
        sum = hn::MulAdd(hn::Load(kFloats, layer.weights[i] + column),
                         hn::Load(kFloats, deltas[image] + column), sum);
      }
      input_deltas[image][i] = hn::GetLane(hn::SumOfLanes(kFloats, sum));
    }
  }
}

/// A step of SGD on the tile at `column` of a weight row.
template <std::size_t kVectors>
HWY_INLINE void descend(const LayerWeights& layer, std::size_t row, std::size_t column,
                        const Vector (&gradient)[kVectors], const SgdStep& sgd) {
  const Vector lr = hn::Set(kFloats, sgd.lr);
  float* const weights = layer.weights[row] + column;
  if (layer.velocity.data == nullptr) {
    repeat(kEach<kVectors>, [&](std::size_t v) HWY_ATTR {
      float* const w = weights + v * kLanes;
      hn::Store(hn::NegMulAdd(lr, gradient[v], hn::Load(kFloats, w)), kFloats, w);
    });
    return;
  }
  const Vector momentum = hn::Set(kFloats, sgd.momentum);
  const Vector weight_decay = hn::Set(kFloats, sgd.weight_decay);
  repeat(kEach<kVectors>, [&](std::size_t v) HWY_ATTR {
    float* const w = weights + v * kLanes;
    float* const velocity = layer.velocity[row] + column + v * kLanes;
    const Vector weight = hn::Load(kFloats, w);
    const Vector decayed = hn::MulAdd(weight_decay, weight, gradient[v]);
    const Vector change = hn::MulAdd(momentum, hn::Load(kFloats, velocity), decayed);
    hn::Store(change, kFloats, velocity);
    hn::Store(hn::NegMulAdd(lr, change, weight), kFloats, w);
  });
}

void update(const LayerWeights& layer, const EntryLists& by_input, Range rows, Rows deltas,
            const SgdStep& sgd) {
  for (std::size_t i = rows.begin; i < rows.end; ++i) {
    const Entry* const begin = by_input.entries + by_input.begin[i];
    const Entry* const end = by_input.entries + by_input.end[i];
    if (layer.skips_idle_rows && begin == end) continue;
    for_tiles<8>(0, layer.width, [&](std::size_t column, auto vectors) HWY_ATTR {
      Vector gradient[vectors()];
      set_zero(gradient);
      for (const Entry* entry = begin; entry != end; ++entry) {
        add_row(gradient, *entry, deltas, column);
      }
      descend(layer, i, column, gradient, sgd);
    });
  }
}

void backward_and_update(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
                         Rows input_deltas, float* scratch, const SgdStep& sgd) {
  if (layer.width == 0) return;
  for (std::size_t i = 0; i < layer.inputs; ++i) {
    const Entry* const begin = by_input.entries + by_input.begin[i];
    const Entry* const end = by_input.entries + by_input.end[i];
    if (layer.skips_idle_rows && begin == end) continue;
    // Each vector of deltas is loaded once and serves both products.
    for_tiles<kRegisters / 4>(0, layer.width, [&](std::size_t column, auto vectors) HWY_ATTR {
      Vector weights[vectors()];
      load(layer.weights[i] + column, weights);
      Vector gradient[vectors()];
      set_zero(gradient);
      float* lanes = scratch;
      for (const Entry* entry = begin; entry != end; ++entry, lanes += kLanes) {
        const Vector value = hn::Set(kFloats, entry->value);
        const float* row = deltas[entry->index] + column;
        keep_in_register(row);
        Vector even = column == 0 ? hn::Zero(kFloats) : hn::Load(kFloats, lanes);
        Vector odd = hn::Zero(kFloats);
        repeat(kEach<vectors()>, [&](std::size_t v) HWY_ATTR {
          Vector delta = hn::Load(kFloats, row + v * kLanes);
          keep_in_register(delta);
          gradient[v] = hn::MulAdd(value, delta, gradient[v]);
          if (v % 2 == 0) even = hn::MulAdd(weights[v], delta, even);
          if (v % 2 == 1) odd = hn::MulAdd(weights[v], delta, odd);
        });
        hn::Store(hn::Add(even, odd), kFloats, lanes);
      }
      descend(layer, i, column, gradient, sgd);
    });
    const float* lanes = scratch;
    for (const Entry* entry = begin; entry != end; ++entry, lanes += kLanes) {
      const Vector sums = hn::Load(kFloats, lanes);
      input_deltas[entry->index][i] = hn::GetLane(hn::SumOfLanes(kFloats, sums));
    }
  }
}

void take_idle_steps(const LayerWeights& layer, std::size_t row, const IdleSteps& steps) {
  const Vector ww = hn::Set(kFloats, steps.ww);
  const Vector wv = hn::Set(kFloats, steps.wv);
  const Vector vw = hn::Set(kFloats, steps.vw);
  const Vector vv = hn::Set(kFloats, steps.vv);
  float* const weights = layer.weights[row];
  float* const velocity = layer.velocity[row];
  for (std::size_t column = 0; column < layer.width; column += kLanes) {
    const Vector w = hn::Load(kFloats, weights + column);
    const Vector v = hn::Load(kFloats, velocity + column);
    hn::Store(hn::MulAdd(ww, w, hn::MulAdd(wv, v, w)), kFloats, weights + column);
    hn::Store(hn::MulAdd(vw, w, hn::Mul(vv, v)), kFloats, velocity + column);
  }
}

const char* target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace mnist::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace mnist {

HWY_EXPORT(forward);
HWY_EXPORT(backward);
HWY_EXPORT(update);
HWY_EXPORT(backward_and_update);
HWY_EXPORT(take_idle_steps);
HWY_EXPORT(target);

void forward(const LayerWeights& layer, const EntryLists& by_image, Range images, Rows outputs) {
  HWY_DYNAMIC_DISPATCH(forward)(layer, by_image, images, outputs);
}

void backward(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
              Rows input_deltas) {
  HWY_DYNAMIC_DISPATCH(backward)(layer, by_input, deltas, input_deltas);
}

void update(const LayerWeights& layer, const EntryLists& by_input, Range rows, Rows deltas,
            const SgdStep& sgd) {
  HWY_DYNAMIC_DISPATCH(update)(layer, by_input, rows, deltas, sgd);
}

void backward_and_update(const LayerWeights& layer, const EntryLists& by_input, Rows deltas,
                         Rows input_deltas, float* scratch, const SgdStep& sgd) {
  HWY_DYNAMIC_DISPATCH(backward_and_update)(layer, by_input, deltas, input_deltas, scratch, sgd);
}

void take_idle_steps(const LayerWeights& layer, std::size_t row, const IdleSteps& steps) {
  HWY_DYNAMIC_DISPATCH(take_idle_steps)(layer, row, steps);
}

const char* simd_target() { return HWY_DYNAMIC_DISPATCH(target)(); }

void limit_simd() {
  const std::string capability = environment("ATEN_CPU_CAPABILITY");
  // Of the targets of x86 the better ones have the lower bits. No other processor has these bits.
  if (capability == "avx2") hwy::DisableTargets(HWY_AVX2 - 1);
  if (capability == "default") hwy::DisableTargets(HWY_AVX2 * 2 - 1);
}

}  // namespace mnist

#endif  // HWY_ONCE
