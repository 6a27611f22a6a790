#include "model/layer_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mnist {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// A layer by its name, and its outputs and inputs.
struct Named {
  std::string name;
  std::int64_t outputs;
  std::int64_t inputs;
};

void add(TensorFile& file, const std::string& name, const std::vector<std::int64_t>& shape) {
  std::int64_t size = 1;
  for (const std::int64_t length : shape) size *= length;
  const auto mark = static_cast<float>(file.tensors.size());  // tells the tensors apart
  file.tensors.push_back({name, shape, std::vector<float>(static_cast<std::size_t>(size), mark)});
}

TensorFile file_of(const std::vector<Named>& layers) {
  TensorFile file;
  file.source = {"model", "do this"};
  for (const Named& layer : layers) {
    add(file, layer.name + "weight", {layer.outputs, layer.inputs});
    add(file, layer.name + "bias", {layer.outputs});
  }
  return file;
}

/// The order in which layers are found, by their places in the list; "refused" with the message.
std::string order_of(TensorFile file) {
  try {
    const std::vector<std::int64_t> widths = name_layers(file);
    std::string order;
    for (std::size_t i = 1; i <= widths.size() + 1; ++i) {
      const std::string name = "fc" + std::to_string(i);
      const float mark = file.find(name + ".weight")->values.front();
      EXPECT_EQ(file.find(name + ".bias")->values.front(), mark + 1);
      order += std::to_string(static_cast<int>(mark) / 2);
    }
    return order;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kModel);
    return std::string("refused: ") + error.what();
  }
}

TEST(LayerNames, ReturnsTheWidthsOfTheHiddenLayers) {
  TensorFile file = file_of({{"fc1.", 7, 784}, {"fc2.", 5, 7}, {"fc3.", 10, 5}});
  EXPECT_THAT(name_layers(file), ElementsAre(7, 5));
  TensorFile linear = file_of({{"fc1.", 10, 784}});
  EXPECT_THAT(name_layers(linear), ElementsAre());
}

TEST(LayerNames, MayHaveAnyPrefixAndAnyOrderInTheFile) {
  for (const std::string prefix : {"", "module.", "_orig_mod.", "module._orig_mod.net.", "0.1."}) {
    EXPECT_EQ(order_of(file_of(
                  {{prefix + "fc3.", 10, 6}, {prefix + "fc1.", 6, 784}, {prefix + "fc2.", 6, 6}})),
              "120");
  }
}

TEST(LayerNames, MayBeNumbersOfSequential) {
  EXPECT_EQ(order_of(file_of({{"0.", 6, 784}, {"2.", 6, 6}, {"4.", 10, 6}})), "012");
  EXPECT_EQ(order_of(file_of({{"5.", 10, 6}, {"3.", 6, 6}, {"1.", 6, 784}})), "210");
  EXPECT_EQ(order_of(file_of({{"layers.0.linear.", 6, 784}, {"layers.1.linear.", 10, 6}})), "01");
  // 10 comes after 9, though not in the alphabet.
  EXPECT_EQ(order_of(file_of({{"net.10.", 6, 6}, {"net.9.", 6, 784}, {"net.11.", 10, 6}})), "102");
  EXPECT_EQ(order_of(file_of({{"block1.2.", 6, 6}, {"block2.1.", 10, 6}, {"block1.1.", 6, 784}})),
            "201");
}

TEST(LayerNames, MayBeOrderedByTheShapesAlone) {
  EXPECT_EQ(order_of(file_of({{"output.", 10, 5}, {"hidden.", 5, 6}, {"input.", 6, 784}})), "210");
  EXPECT_EQ(order_of(file_of({{"fc1.", 6, 784}, {"fc2.", 6, 6}, {"out.", 10, 6}})), "012");
  EXPECT_EQ(order_of(file_of({{"", 10, 784}})), "0");  // nn.Linear itself
  // The output could come first by its inputs, but then "a" would be left over.
  EXPECT_EQ(order_of(file_of({{"b.", 10, 784}, {"a.", 784, 784}})), "10");
}

TEST(LayerNames, AreRefusedIfThereIsMoreThanOneOrder) {
  EXPECT_THAT(order_of(file_of({{"in.", 6, 784}, {"a.", 6, 6}, {"b.", 6, 6}, {"out.", 10, 6}})),
              AllOf(HasSubstr("refused: model: expected layers that lead from 784 inputs to 10"),
                    HasSubstr("found several: in.weight [6,784], in.bias [6], a.weight [6,6]"),
                    HasSubstr(" and 2 more; number the layers in their order")));
  std::vector<Named> many;
  for (int i = 0; i < 26; ++i)
    many.push_back({std::string(1, static_cast<char>('a' + i)) + ".", 784, 784});
  EXPECT_THAT(order_of(file_of(many)), HasSubstr("refused"));  // and soon
}

TEST(LayerNames, AreRefusedIfNoOrderFits) {
  const std::vector<std::vector<Named>> cases{
      {{"0.", 6, 784}, {"2.", 10, 5}},                                        // do not fit
      {{"0.", 6, 784}, {"2.", 26, 6}},                                        // 26 classes
      {{"0.", 6, 100}, {"2.", 10, 6}},                                        // other images
      {{"0.", 10, 6}, {"2.", 6, 784}},                                        // the names say else
      {{"a.0.", 6, 784}, {"a.2.", 10, 6}, {"b.0.", 5, 784}, {"b.2.", 10, 5}}  // two networks
  };
  for (const auto& layers : cases) {
    EXPECT_THAT(order_of(file_of(layers)), AllOf(HasSubstr("found none: " + layers.front().name),
                                                 HasSubstr("; save one network")));
  }
  EXPECT_THAT(order_of(file_of({})), HasSubstr("no tensors"));
}

TEST(LayerNames, AreRefusedIfThereIsAnythingElse) {
  const TensorFile whole = file_of({{"0.", 6, 784}, {"2.", 10, 6}});
  const std::vector<std::pair<std::string, std::vector<std::int64_t>>> others{
      {"1.weight", {6}}, {"1.running_mean", {6}},       {"temperature", {}},
      {"bias", {10}},    {"conv.weight", {3, 1, 3, 3}}, {"embed.weight", {5, 5}},
      {"scale", {1}},    {"00.weight", {6, 784}}};
  for (const auto& [name, shape] : others) {
    TensorFile file = whole;
    add(file, name, shape);
    EXPECT_THAT(order_of(file),
                AllOf(HasSubstr("a weight [outputs,inputs] and a bias [outputs] for each layer"),
                      HasSubstr("found " + name + " ["), HasSubstr("among 0.weight [6,784]")));
  }
  TensorFile file = whole;
  file.tensors.back().shape = {2, 5};
  EXPECT_THAT(order_of(file), HasSubstr("found 2.bias [2,5]"));
  file.tensors.pop_back();
  EXPECT_THAT(order_of(file), HasSubstr("found 2.weight [10,6] without a bias among"));
  file.tensors.erase(file.tensors.begin());
  EXPECT_THAT(order_of(file), HasSubstr("found 0.bias [6] without a weight among"));
}

TEST(LayerNames, AreRefusedIfAWeightIsTransposed) {
  TensorFile file;
  add(file, "0.weight", {784, 6});
  add(file, "0.bias", {6});
  EXPECT_THAT(order_of(file),
              HasSubstr("found 0.weight [784,6] with 0.bias [6] among 0.weight [784,6], "
                        "0.bias [6]; transpose the weights"));
  file.tensors.back().shape = {5};
  EXPECT_THAT(order_of(file), HasSubstr("found 0.weight [784,6] with 0.bias [5]"));
}

TEST(LayerNames, AreShortInMessages) {
  const std::string message =
      order_of(file_of({{std::string(1000, 'x') + ".", 6, 784}, {"out.", 9, 6}}));
  EXPECT_LT(message.size(), 500U);
}

}  // namespace
}  // namespace mnist
