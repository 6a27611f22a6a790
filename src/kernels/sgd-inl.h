// SGD steps on weights. Part of kernels.cpp, like tiles-inl.h.
#if defined(MNIST_TRAIN_SGD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_TRAIN_SGD_INL_H
#undef MNIST_TRAIN_SGD_INL_H
#else
#define MNIST_TRAIN_SGD_INL_H
#endif

#include <hwy/highway.h>

#include <cstddef>

#include "kernels/kernels.h"
#include "kernels/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mnist::HWY_NAMESPACE {

/// An SGD step on the tile at `column` of a weight row.
template <std::size_t kVectors>
HWY_INLINE void sgd_step(const LayerWeights& layer, std::size_t row, std::size_t column,
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

void apply_lazy_update(const LayerWeights& layer, std::size_t row, const LazyUpdate& update) {
  const Vector ww = hn::Set(kFloats, update.ww);
  const Vector wv = hn::Set(kFloats, update.wv);
  const Vector vw = hn::Set(kFloats, update.vw);
  const Vector vv = hn::Set(kFloats, update.vv);
  float* const weights = layer.weights[row];
  float* const velocity = layer.velocity[row];
  for (std::size_t column = 0; column < layer.width; column += kLanes) {
    const Vector w = hn::Load(kFloats, weights + column);
    const Vector v = hn::Load(kFloats, velocity + column);
    hn::Store(hn::MulAdd(ww, w, hn::MulAdd(wv, v, w)), kFloats, weights + column);
    hn::Store(hn::MulAdd(vw, w, hn::Mul(vv, v)), kFloats, velocity + column);
  }
}

}  // namespace mnist::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
