#include "model/layer_order.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/fail.h"
#include "base/text.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// "net.0.weight [256,784], net.0.bias [256] and 4 more"
std::string describe(const std::vector<TensorInfo>& tensors) {
  constexpr std::size_t kMaxTensors = 6;
  std::vector<std::string> list;
  for (const TensorInfo& tensor : tensors) {
    list.push_back(fmt::format("{} [{}]", tensor.name, fmt::join(tensor.shape, ",")));
  }
  return list.empty() ? "no tensors" : first_of(list, kMaxTensors);
}

/// Whether the two are of one layer, with this number of inputs.
bool is_layer(const TensorInfo& weight, const TensorInfo& bias, std::int64_t inputs) {
  constexpr std::string_view kWeight = "weight";
  const std::string& name = weight.name;
  return name.ends_with(kWeight) &&
         bias.name == name.substr(0, name.size() - kWeight.size()) + "bias" &&
         bias.shape.size() == 1 && weight.shape == std::vector{bias.shape[0], inputs};
}

}  // namespace

std::vector<TensorInfo> order_parameters(std::vector<TensorInfo> tensors, const std::string& file) {
  std::sort(tensors.begin(), tensors.end(), [](const TensorInfo& one, const TensorInfo& other) {
    return ::strverscmp(one.name.c_str(), other.name.c_str()) < 0;
  });
  std::vector<TensorInfo> parameters;
  std::int64_t inputs = kPixels;
  for (std::size_t i = 0; i + 1 < tensors.size(); i += 2) {
    const TensorInfo& bias = tensors[i];
    const TensorInfo& weight = tensors[i + 1];
    if (!is_layer(weight, bias, inputs)) break;
    parameters.insert(parameters.end(), {weight, bias});
    inputs = bias.shape[0];
  }
  if (parameters.empty() || parameters.size() != tensors.size() || inputs != kDigits) {
    fail(ErrorKind::kModel,
         "{}: expected a weight [outputs,inputs] and a bias [outputs] for each layer, which lead "
         "from {} inputs to {} outputs in the order of their names, found {}",
         file, kPixels, kDigits, describe(tensors));
  }
  return parameters;
}

}  // namespace mnist
