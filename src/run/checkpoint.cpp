#include "run/checkpoint.h"

#include <torch/utils.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/settings.h"
#include "mnist_train/error.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

constexpr const char* kHidden = "hidden";
constexpr const char* kEpochs = "epochs";
constexpr const char* kLoss = "loss";
constexpr const char* kBestEpoch = "best_epoch";
constexpr const char* kBestLoss = "best_loss";

[[noreturn]] void refuse(const std::string& name, const std::string& problem) {
  throw Error(ExitCode::kModel, name + ": " + problem + "; take a file that mnist-train has saved");
}

std::vector<std::string> parameter_names(const MlpImpl& model) {
  std::vector<std::string> names;
  for (const auto& item : model.named_parameters()) names.push_back(item.key());
  return names;
}

void add_tensors(TensorFile& file, const std::string& prefix, const MlpImpl& model,
                 const std::vector<torch::Tensor>& tensors) {
  const std::vector<std::string> names = parameter_names(model);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const torch::Tensor values = tensors[i].detach().to(torch::kCPU, torch::kFloat32).contiguous();
    const auto* const data = values.data_ptr<float>();
    file.tensors.push_back(
        {prefix + names[i], values.sizes().vec(), {data, data + values.numel()}});
  }
}

/// The tensors of that prefix, of the form of the model's parameters.
std::vector<torch::Tensor> take_tensors(const TensorFile& file, const std::string& prefix,
                                        const MlpImpl& model, const std::string& name) {
  std::vector<torch::Tensor> result;
  for (const auto& parameter : model.named_parameters()) {
    const FloatTensor* const found = file.find(prefix + parameter.key());
    if (found == nullptr)
      refuse(name, "expected a tensor " + prefix + parameter.key() + ", found none");
    if (found->shape != parameter.value().sizes().vec()) {
      refuse(name, "expected tensor " + prefix + parameter.key() +
                       " to fit the network, found another shape");
    }
    result.push_back(torch::tensor(found->values).view(found->shape));
  }
  return result;
}

std::string metadata(const TensorFile& file, const std::string& key, const std::string& name) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) refuse(name, "expected metadata '" + key + "', found none");
  return found->second;
}

/// All bits of a number, as in C's %a.
std::string exact(double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%a", number);
  return text.data();
}

double read_exact(const TensorFile& file, const std::string& key, const std::string& name) {
  const std::string text = metadata(file, key, name);
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(number))
    refuse(name, "expected metadata '" + key + "' to be a number");
  return number;
}

std::int64_t read_count(const TensorFile& file, const std::string& key, const std::string& name) {
  const std::string text = metadata(file, key, name);
  std::int64_t count = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), count);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || count < 0) {
    refuse(name, "expected metadata '" + key + "' to be a whole number");
  }
  return count;
}

}  // namespace

TensorFile model_file(const MlpImpl& model) {
  // PyTorch's loaders look for "format".
  TensorFile file{{{"format", "pt"}, {kHidden, join_widths(hidden_widths(model))}}, {}};
  add_tensors(file, "", model, model.parameters());
  return file;
}

Mlp model_from(const TensorFile& file, const std::string& name) {
  std::vector<std::int64_t> widths;
  std::int64_t inputs = kPixels;
  while (const FloatTensor* const weight =
             file.find("fc" + std::to_string(widths.size() + 1) + ".weight")) {
    const std::vector<std::int64_t>& shape = weight->shape;
    if (shape.size() != 2 || shape[0] < 1 || shape[1] != inputs) {
      refuse(name, "expected " + weight->name + " to be [N," + std::to_string(inputs) +
                       "], found another shape");
    }
    inputs = shape[0];
    widths.push_back(inputs);
  }
  if (widths.empty() || widths.back() != kDigits) {
    refuse(name, "expected fc1.weight [N,784] and so on up to 10 outputs, found other tensors");
  }
  if (file.tensors.size() != 2 * widths.size()) {
    refuse(name, "expected a weight and a bias for each layer, found other tensors");
  }
  widths.pop_back();
  Mlp model(widths);
  set_parameters(model, take_tensors(file, "", *model, name));
  return model;
}

Mlp read_model(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool is_run = std::filesystem::is_directory(path, ignored);
  const std::filesystem::path file = is_run ? path / "model.safetensors" : path;
  return model_from(read_safetensors(file), file.string());
}

TensorFile checkpoint_file(const MlpImpl& model, const TrainingState& state,
                           std::map<std::string, std::string> metadata) {
  TensorFile file{std::move(metadata), {}};
  file.metadata[kEpochs] = std::to_string(state.epochs);
  file.metadata[kLoss] = exact(state.loss);
  add_tensors(file, "", model, state.parameters);
  add_tensors(file, "velocity.", model, state.velocities);
  if (state.best) {
    file.metadata[kBestEpoch] = std::to_string(state.best->epoch);
    file.metadata[kBestLoss] = exact(state.best->loss);
    add_tensors(file, "best.", model, state.best->parameters);
  }
  return file;
}

TrainingState state_from(const TensorFile& file, const MlpImpl& model, const std::string& name) {
  TrainingState state;
  state.epochs = read_count(file, kEpochs, name);
  state.loss = read_exact(file, kLoss, name);
  state.parameters = take_tensors(file, "", model, name);
  const std::string first = parameter_names(model).front();
  if (file.find("velocity." + first) != nullptr) {
    state.velocities = take_tensors(file, "velocity.", model, name);
  }
  if (file.find("best." + first) != nullptr) {
    state.best = BestEpoch{read_count(file, kBestEpoch, name), read_exact(file, kBestLoss, name),
                           take_tensors(file, "best.", model, name)};
  }
  const std::size_t groups = 1U + (state.velocities.empty() ? 0U : 1U) + (state.best ? 1U : 0U);
  if (groups * state.parameters.size() != file.tensors.size())
    refuse(name, "expected the tensors of a checkpoint, found more");
  return state;
}

}  // namespace mnist
