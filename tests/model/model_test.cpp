#include "mnist_train/model.h"

#include <cmath>

#include "model/safetensors.h"
#include "train/training.h"

namespace mnist {
namespace {

TEST(Mlp, AppliesReluBetweenLayersAndNotAfterTheLast) {
  const torch::NoGradGuard no_grad;
  Mlp model(std::vector<std::int64_t>{2});
  for (torch::Tensor& parameter : model->parameters()) parameter.zero_();
  const auto& layers = model->layers();
  layers[0]->weight[0][0] = 1.0;   // unit 0 is the first pixel,
  layers[0]->weight[1][0] = -1.0;  // unit 1 its negative, which ReLU sets to 0
  layers[1]->weight[4][0] = -3.0;
  layers[1]->weight[5][1] = 7.0;
  layers[1]->bias[5] = 0.25;
  torch::Tensor image = torch::zeros({1, 784});
  image[0][0] = 0.5;
  const torch::Tensor logits = model->forward(image);
  torch::Tensor expected = torch::zeros({1, 10});
  expected[0][4] = -1.5;
  expected[0][5] = 0.25;
  EXPECT_TRUE(torch::equal(logits, expected)) << logits;
}

TEST(Mlp, IsDescribedByTheSizesOfItsLayers) {
  Mlp linear(std::vector<std::int64_t>{});
  EXPECT_EQ(linear->forward(torch::zeros({3, 784})).sizes(), (torch::IntArrayRef{3, 10}));
  EXPECT_EQ(describe(*linear), "784-10 with ReLU, 7850 parameters");
  // 784*256 + 256 + 256*256 + 256 + 256*10 + 10
  EXPECT_EQ(describe(*Mlp(std::vector<std::int64_t>{256, 256})),
            "784-256-256-10 with ReLU, 269322 parameters");
  EXPECT_TRUE(hidden_sizes(*linear).empty());
  const Mlp model(std::vector<std::int64_t>{7, 5});
  EXPECT_EQ(hidden_sizes(*model), (std::vector<std::int64_t>{7, 5}));
}

Mlp small_model() {
  torch::manual_seed(1);
  return Mlp(std::vector<std::int64_t>{3, 2});
}

TensorFile written(const MlpImpl& model) {
  const test::TempDir dir;
  write_model(model, dir / "model");
  return read_safetensors(dir / "model");
}

Mlp read_again(const TensorFile& file) {
  const test::TempDir dir;
  test::write_file(dir / "model", encode_safetensors(file));
  return read_model(dir / "model");
}

TEST(ModelFile, HasTheNamesAndShapesOfAStateDict) {
  const Mlp model = small_model();
  const TensorFile file = written(*model);
  EXPECT_EQ(file.metadata.at("hidden"), "3,2");
  EXPECT_EQ(file.metadata.at("format"), "pt");
  EXPECT_THAT(file.tensors.keys(), ElementsAre("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias",
                                               "fc3.weight", "fc3.bias"));
  EXPECT_TRUE(torch::equal(file.tensors["fc2.weight"], model->layers()[1]->weight));
  EXPECT_TRUE(torch::equal(file.tensors["fc3.bias"], model->layers()[2]->bias));
}

TEST(ModelFile, MakesTheModelThatItIsOf) {
  const Mlp model = small_model();
  const test::TempDir dir;
  write_model(*model, dir / "model.safetensors");
  for (const auto& path : {dir / "model.safetensors", dir.path()}) {  // a file, a run's directory
    test::expect_equal(copy_parameters(*read_model(path)), copy_parameters(*model));
  }
  TensorFile bare = written(*model);
  bare.metadata.clear();  // as PyTorch saves it
  EXPECT_EQ(read_again(bare)->layers().size(), 3);
  const Mlp linear(std::vector<std::int64_t>{});
  EXPECT_EQ(written(*linear).metadata.at("hidden"), "none");
  EXPECT_EQ(read_again(written(*linear))->layers().size(), 1);
}

TEST(ModelFile, MayHaveNamesOfOtherModules) {
  const Mlp model = small_model();
  TensorFile file;
  // The last layer comes first in the file.
  for (const auto& [theirs, ours] :
       {std::pair("net.10.", "fc3."), std::pair("net.9.", "fc2."), std::pair("net.8.", "fc1.")}) {
    for (const std::string name : {"bias", "weight"}) {
      file.tensors.insert(theirs + name, model->named_parameters()[ours + name]);
    }
  }
  test::expect_equal(copy_parameters(*read_again(file)), copy_parameters(*model));
}

std::string model_error(const std::filesystem::path& path) {
  return test::error_of(ErrorKind::kModel, [&] { read_model(path); });
}

TEST(ModelFile, IsRefusedIfItIsOfNoSuchModel) {
  const test::TempDir dir;
  EXPECT_EQ(model_error(dir.path()),
            (dir / "model.safetensors").string() + ": cannot be read: No such file or directory");
  TensorFile file = written(*small_model());
  file.tensors.insert("attention", torch::full({5, 5}, NAN));
  test::write_file(dir / "model", encode_safetensors(file));
  EXPECT_THAT(model_error(dir / "model"),
              AllOf(HasSubstr("/model: expected a weight [outputs,inputs]"),
                    HasSubstr("attention [5,5]")));  // its data, the NaN, are not read
}

}  // namespace
}  // namespace mnist
