#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "train/engine.h"
#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

using ::testing::HasSubstr;

const Gpus kNone{0, "this LibTorch was built without CUDA"};
const Gpus kTwo{2, ""};

TrainingOptions large() {
  TrainingOptions options;
  options.batch = 4096;
  options.hidden = {1024, 1024};
  return options;
}

std::string chosen(const std::string& name, EngineKind kind, const TrainingOptions& options,
                   const Gpus& gpus) {
  return choose_device(name, kind, options, [&] { return gpus; }).str();
}

std::string refusal(const std::string& name, EngineKind kind, const Gpus& gpus) {
  try {
    choose_device(name, kind, {}, [&] { return gpus; });
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "none";
}

TEST(Device, IsTheProcessorWhereAGpuWouldBeSlower) {
  for (const Gpus& gpus : {kNone, kTwo}) {
    EXPECT_EQ(chosen("auto", EngineKind::kAuto, {}, gpus), "cpu");
    EXPECT_EQ(chosen("auto", EngineKind::kAutograd, {}, gpus), "cpu");
    EXPECT_EQ(chosen("auto", EngineKind::kSparse, large(), gpus), "cpu");
    EXPECT_EQ(chosen("cpu", EngineKind::kAutograd, large(), gpus), "cpu");
  }
}

TEST(Device, IsAGpuForLargeBatchesAndLayersIfThereIsOne) {
  TrainingOptions middling;
  middling.batch = 128;  // times 256 outputs: the largest that is left to the processor
  EXPECT_EQ(chosen("auto", EngineKind::kAuto, middling, kTwo), "cpu");
  middling.batch = 129;
  EXPECT_EQ(chosen("auto", EngineKind::kAuto, middling, kTwo), "cuda:0");
  EXPECT_EQ(chosen("auto", EngineKind::kSparse, middling, kTwo), "cpu");
  EXPECT_EQ(chosen("auto", EngineKind::kAuto, large(), kTwo), "cuda:0");
  EXPECT_EQ(chosen("auto", EngineKind::kAutograd, large(), kTwo), "cuda:0");
  EXPECT_EQ(chosen("auto", EngineKind::kAuto, large(), kNone), "cpu");
}

TEST(Device, IsLookedForOnlyWhereItMayBeUsed) {
  const auto find = []() -> Gpus { throw std::logic_error("looked for"); };
  EXPECT_TRUE(choose_device("cpu", EngineKind::kAutograd, large(), find).is_cpu());
  EXPECT_TRUE(choose_device("auto", EngineKind::kAuto, {}, find).is_cpu());
  EXPECT_TRUE(choose_device("auto", EngineKind::kSparse, large(), find).is_cpu());
}

TEST(Device, IsTheGpuThatWasAskedFor) {
  EXPECT_EQ(chosen("cuda", EngineKind::kAuto, {}, kTwo), "cuda:0");
  EXPECT_EQ(chosen("cuda:1", EngineKind::kAutograd, {}, kTwo), "cuda:1");
}

TEST(Device, IsRefusedIfItIsNotThere) {
  EXPECT_EQ(refusal("cuda", EngineKind::kAuto, kNone),
            "--device cuda: expected a CUDA device, found none, since this LibTorch was built "
            "without CUDA; use --device cpu");
  EXPECT_EQ(refusal("cuda:2", EngineKind::kAuto, kTwo),
            "--device cuda:2: expected one from cuda:0 to cuda:1, found no such GPU");
}

TEST(Device, IsRefusedForTheEngineThatCannotUseIt) {
  EXPECT_THAT(refusal("cuda", EngineKind::kSparse, kTwo), HasSubstr("use --engine autograd"));
}

TEST(Device, IsNamedIfThereAreNone) {
  const Gpus found = find_gpus();
  EXPECT_GE(found.count, 0);
  EXPECT_EQ(found.why_none.empty(), found.count > 0);
}

TEST(Device, MakesTheEngineThatUsesIt) {
  EXPECT_EQ(preferred_engine(EngineKind::kAuto, {}, torch::kCPU), EngineKind::kSparse);
  EXPECT_EQ(preferred_engine(EngineKind::kAuto, {}, {torch::kCUDA, 0}), EngineKind::kAutograd);
}

/// What a device ends with after two epochs, and what it says of the test images.
struct TrainedOnDevice {
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> velocities;
  Tested tested;
};

TrainedOnDevice train_on(torch::Device device, const TrainingOptions& options) {
  DataOptions sample;
  sample.dir = test::sample_dir().string();
  sample.validation = 100;
  const DataSplits data = load_data(sample);
  torch::manual_seed(1);
  const Mlp model(options.hidden);
  const auto engine = make_engine(EngineKind::kAutograd, model, data, options, {}, device).engine;
  EXPECT_EQ(engine->device(), device.str());
  for (std::int64_t epoch = 1; epoch <= 2; ++epoch) {
    const torch::Tensor order = epoch_order(data.train.size(), 1, epoch);
    engine->train_epoch(epoch, order, [](std::int64_t) { return true; });
  }
  EXPECT_TRUE(engine->validate().has_value());
  return {copy_parameters(*model), engine->velocities(), engine->test(data.test)};
}

TEST(Device, TrainsOnAGpuAsOnTheProcessor) {
  if (find_gpus().count == 0) GTEST_SKIP() << "there is no GPU here: " << find_gpus().why_none;
  TrainingOptions options;
  options.momentum = 0.5;
  for (const Augment augment : {Augment::kNone, Augment::kElastic}) {
    options.augment.kind = augment;
    const TrainedOnDevice expected = train_on(torch::kCPU, options);
    const TrainedOnDevice found = train_on({torch::kCUDA, 0}, options);
    for (std::size_t i = 0; i < expected.parameters.size(); ++i) {
      EXPECT_TRUE(torch::allclose(found.parameters[i], expected.parameters[i], 1e-3, 1e-4));
      EXPECT_TRUE(torch::allclose(found.velocities[i], expected.velocities[i], 1e-3, 1e-4));
    }
    EXPECT_TRUE(torch::allclose(found.tested.logits, expected.tested.logits, 1e-2, 1e-3));
    EXPECT_NEAR(found.tested.evaluation.loss, expected.tested.evaluation.loss, 1e-3);
  }
}

}  // namespace
}  // namespace mnist
