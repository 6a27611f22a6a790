// Besides bytes, these tests see what Python's onnx makes of our files, and ONNX Runtime if that is
// installed. They are skipped where there is no onnx.

#include "model/onnx_file.h"

#include <torch/utils.h>

#include <nlohmann/json.hpp>

#include "mnist_train/data.h"
#include "mnist_train/model.h"
#include "mnist_train/train.h"
#include "support.h"
#include "train/images.h"

namespace mnist {
namespace {

using nlohmann::json;
using test::Outcome;
using test::run_program;

std::string bytes_of(const torch::Tensor& values) {
  const torch::Tensor all = values.contiguous();
  return {reinterpret_cast<const char*>(all.data_ptr<float>()), all.nbytes()};
}

/// What check_onnx.py finds in the file when it compares it with the model, on the 1,000 training
/// images of the sample. None if Python lacks the package.
std::optional<json> check(const fs::path& onnx, const Mlp& model) {
  const test::TempDir dir;
  const torch::Tensor images = load_split(test::sample_dir(), Split::kTrain).images;
  test::write_file(dir / "images", bytes_of(to_float(images)));
  test::write_file(dir / "logits", bytes_of(compute_logits(model, images)));
  const Outcome outcome =
      test::run_python("tests/check_onnx.py", {onnx, dir / "images", dir / "logits"});
  constexpr int kNoPackage = 77;
  if (outcome.exit_code == kNoPackage) return std::nullopt;
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return json::parse(outcome.out);
}

/// A model of random weights, whose logits are some units apart, as those of trained ones.
Mlp random_model(const std::vector<std::int64_t>& hidden) {
  torch::manual_seed(1);
  Mlp model(hidden);
  const torch::NoGradGuard no_grad;
  for (const torch::Tensor& parameter : model->parameters()) parameter.mul_(3);
  return model;
}

TEST(OnnxFile, IsAValidGraphThatGivesTheLogits) {
  for (const auto& [hidden, nodes] :
       std::vector<std::pair<std::vector<std::int64_t>, std::vector<std::string>>>{
           {{}, {"Gemm"}},
           {{30, 1, 20}, {"Gemm", "Relu", "Gemm", "Relu", "Gemm", "Relu", "Gemm"}}}) {
    SCOPED_TRACE(testing::PrintToString(hidden));
    const test::TempDir dir;
    const Mlp model = random_model(hidden);
    test::write_file(dir / "onnx", encode_onnx(*model));
    std::optional<json> found = check(dir / "onnx", model);
    if (!found) GTEST_SKIP() << "install python3-onnx";
    constexpr double kTolerance = 1e-5;  // as a share of the largest logit
    EXPECT_LE(found->at("difference"), kTolerance);
    found->erase("difference");
    json expected{{"ir", 7},
                  {"operators", {{"", 13}}},
                  {"producer", {"mnist-train", MNIST_TRAIN_VERSION}},
                  {"description", describe(*model)},
                  {"types", {1}},  // float32
                  {"shapes", {{"images", {"N", 784}}, {"logits", {"N", 10}}}},
                  {"nodes", nodes}};
    for (const auto& item : model->named_parameters()) {
      expected["weights"][item.key()] = item.value().sizes().vec();
    }
    EXPECT_EQ(*found, expected);
  }
}

TEST(OnnxFile, BeginsWithItsVersionAndItsProducer) {
  const std::string bytes = encode_onnx(*random_model({}));
  const std::string version = MNIST_TRAIN_VERSION;
  EXPECT_THAT(bytes, StartsWith("\x08\x07\x12\x0bmnist-train\x1a" +
                                std::string(1, static_cast<char>(version.size())) + version));
  EXPECT_THAT(bytes, EndsWith("\x42\x02\x10\x0d"));  // operator set 13
}

TEST(Program, ExportsAModel) {
  const test::TempDir dir;
  const Mlp model({64, 32});
  write_model(*model, dir / "model");
  const std::string onnx = (dir / "onnx").string();
  const Outcome outcome =
      run_program({"export", "--model", (dir / "model").string(), "--onnx", onnx});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, onnx + "\n");
  EXPECT_EQ(test::read_file(onnx), encode_onnx(*model));
}

}  // namespace
}  // namespace mnist
