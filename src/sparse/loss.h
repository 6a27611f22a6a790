#pragma once

#include <cstdint>

namespace mnist {

/// The cross-entropy of an image, in nats. Replaces its logits ([10]) by the derivatives of the
/// cross-entropy, times `scale`. With label smoothing each digit has the target smoothing/10, and
/// the label 1 - smoothing besides, as in torch.nn.CrossEntropyLoss. Source: C. Szegedy et al.,
/// "Rethinking the Inception Architecture for Computer Vision", 2016. It computes in float64,
/// because then C libraries whose exp() and log() round differently give the same float32.
double softmax_cross_entropy(float* logits, std::int64_t label, float scale,
                             float label_smoothing = 0.0F);

}  // namespace mnist
