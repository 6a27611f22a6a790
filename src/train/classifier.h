#pragma once

#include <torch/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/gray_image.h"
#include "mnist_train/data.h"
#include "mnist_train/model.h"
#include "train/prediction.h"

namespace mnist {

/// Images of 28 x 28 as the network takes them: [N,784] float32 in [0,1].
torch::Tensor to_tensor(const std::vector<GrayImage>& images);

/// An image of a data set, from 0.
GrayImage image_at(const Dataset& data, std::int64_t position);

/// What the model makes of each of the images ([N,784] float32 in [0,1]): the softmax of its
/// logits.
std::vector<Prediction> classify(Mlp model, const torch::Tensor& images);

/// The images that the model gets wrong, in their order.
std::vector<Mistake> find_mistakes(Mlp model, const Dataset& data);

/// The `count` of them (all if fewer) that the model was surest of, surest first.
std::vector<Mistake> most_confident(std::vector<Mistake> mistakes, std::size_t count);

}  // namespace mnist
