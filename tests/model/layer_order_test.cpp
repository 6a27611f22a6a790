#include "model/safetensors_header.h"
#include "support.h"

namespace mnist {
namespace {

/// A layer by its name, and its outputs and inputs.
struct Named {
  std::string name;
  std::int64_t outputs;
  std::int64_t inputs;
};

std::vector<TensorInfo> tensors_of(const std::vector<Named>& layers) {
  std::vector<TensorInfo> tensors;
  for (const Named& layer : layers) {
    tensors.push_back({layer.name + "weight", "F32", {layer.outputs, layer.inputs}, 0, 0});
    tensors.push_back({layer.name + "bias", "F32", {layer.outputs}, 0, 0});
  }
  return tensors;
}

/// The names of the parameters in their order.
std::string order_of(const std::vector<Named>& layers) {
  std::string order;
  for (const TensorInfo& tensor : order_parameters(tensors_of(layers), "model")) {
    order += tensor.name + " ";
  }
  return order;
}

std::string refusal_of(const std::vector<TensorInfo>& tensors) {
  return test::error_of(ErrorKind::kModel, [&] { order_parameters(tensors, "model"); });
}

TEST(LayerOrder, IsThatOfTheNamesNotOfTheFile) {
  for (const std::string prefix : {"", "module.", "_orig_mod.", "0.1."}) {
    EXPECT_EQ(
        order_of({{prefix + "fc3.", 10, 6}, {prefix + "fc1.", 6, 784}, {prefix + "fc2.", 6, 6}}),
        prefix + "fc1.weight " + prefix + "fc1.bias " + prefix + "fc2.weight " + prefix +
            "fc2.bias " + prefix + "fc3.weight " + prefix + "fc3.bias ");
  }
  EXPECT_EQ(order_of(std::vector<Named>{{"", 10, 784}}), "weight bias ");  // nn.Linear itself
}

TEST(LayerOrder, ComparesNumbersAsNumbers) {
  EXPECT_EQ(order_of({{"10.", 10, 6}, {"9.", 6, 784}}), "9.weight 9.bias 10.weight 10.bias ");
  EXPECT_EQ(order_of({{"a10.1.", 10, 6}, {"a2.2.", 6, 6}, {"a2.1.", 6, 784}}),
            "a2.1.weight a2.1.bias a2.2.weight a2.2.bias a10.1.weight a10.1.bias ");
  EXPECT_EQ(order_of({{"out.", 10, 6}, {"fc2.", 6, 6}, {"fc.", 6, 784}}),
            "fc.weight fc.bias fc2.weight fc2.bias out.weight out.bias ");
}

TEST(LayerOrder, RefusesLayersThatDoNotFollowEachOther) {
  const std::vector<std::vector<Named>> cases{
      {},
      {{"0.", 6, 784}, {"2.", 10, 5}},                              // 6 outputs, 5 inputs
      {{"0.", 6, 784}, {"2.", 26, 6}},                              // 26 classes
      {{"0.", 6, 100}, {"2.", 10, 6}},                              // other images
      {{"0.", 10, 6}, {"2.", 6, 784}},                              // the other way round
      {{"input.", 6, 784}, {"hidden.", 6, 6}, {"output.", 10, 6}},  // h before i
      {{"a.0.", 6, 784}, {"a.2.", 10, 6}, {"b.0.", 5, 784}, {"b.2.", 10, 5}}};  // two networks
  for (const auto& layers : cases) {
    EXPECT_THAT(refusal_of(tensors_of(layers)),
                StartsWith("model: expected a weight [outputs,inputs] and a bias [outputs] "
                           "for each layer, which lead from 784 inputs to 10 outputs"));
  }
}

TEST(LayerOrder, RefusesOtherTensors) {
  const std::vector<TensorInfo> whole = tensors_of({{"0.", 6, 784}, {"2.", 10, 6}});
  const std::vector<std::pair<std::string, std::vector<std::int64_t>>> others{
      {"1.weight", {6}}, {"temperature", {}},     {"conv.weight", {3, 1, 3, 3}},
      {"bias", {10}},    {"00.weight", {6, 784}}, {"3.weight", {10, 10}}};
  for (const auto& [name, shape] : others) {
    std::vector<TensorInfo> tensors = whole;
    tensors.push_back({name, "F32", shape, 0, 0});
    EXPECT_THAT(refusal_of(tensors), HasSubstr(name + " ["));
  }
  std::vector<TensorInfo> tensors = whole;
  tensors.back().shape = {2, 5};
  EXPECT_THAT(refusal_of(tensors), HasSubstr("2.bias [2,5]"));
  tensors.pop_back();
  EXPECT_THAT(refusal_of(tensors),
              HasSubstr("found 0.bias [6], 0.weight [6,784], 2.weight [10,6]"));
  refusal_of(tensors_of({{"0.", 784, 10}}));  // transposed
}

TEST(LayerOrder, ListsAFewTensorsOnly) {
  std::vector<Named> many;
  for (int i = 0; i < 100; ++i) many.push_back({std::to_string(i) + ".", 6, 784});
  EXPECT_THAT(refusal_of(tensors_of(many)), testing::EndsWith("2.weight [6,784] and 194 more"));
}

}  // namespace
}  // namespace mnist
