#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace mnist {

/// A multilayer perceptron: linear layers 784 -> hidden... -> 10 with ReLU between them. The layers
/// are registered as fc1, fc2, ... in this order, as in the same network in PyTorch, so that the
/// same seed gives the same weights.
class MlpImpl : public torch::nn::Module {
 public:
  /// Initializes the layers as torch::nn::Linear does, from LibTorch's default generator.
  explicit MlpImpl(const std::vector<std::int64_t>& hidden);

  /// images [B,784] float32 -> logits [B,10] float32.
  torch::Tensor forward(torch::Tensor images);

  const std::vector<torch::nn::Linear>& layers() const { return layers_; }

 private:
  std::vector<torch::nn::Linear> layers_;
};

/// A shared handle of a network. TORCH_MODULE() would take {256, 256} for two arguments.
class Mlp : public torch::nn::ModuleHolder<MlpImpl> {
 public:
  using Impl = MlpImpl;

  explicit Mlp(const std::vector<std::int64_t>& hidden)
      : ModuleHolder(std::make_shared<MlpImpl>(hidden)) {}
  explicit Mlp(std::nullptr_t empty) : ModuleHolder(empty) {}
};

/// The sizes of the hidden layers, from the first on.
std::vector<std::int64_t> hidden_sizes(const MlpImpl& model);

/// "784-256-256-10 with ReLU, 269322 parameters"
std::string describe(const MlpImpl& model);

/// Copies of the parameters: weight [outputs,inputs] and bias [outputs] of each layer, float32.
std::vector<torch::Tensor> copy_parameters(const MlpImpl& model);

/// Sets the parameters to such copies.
void set_parameters(Mlp model, const std::vector<torch::Tensor>& values);

// A saved model is a safetensors file (https://github.com/huggingface/safetensors), which PyTorch,
// JAX and NumPy read, too. Its tensors are float32 and have the names of PyTorch's state_dict:
// fc1.weight [256,784], fc1.bias [256], fc2.weight [256,256] and so on up to 10 outputs.

/// The bytes of a model file: the same parameters give the same bytes.
std::string encode_model(const MlpImpl& model);

/// Writes the model. Readers see all of the old or all of the new contents. Throws Error(kOutput)
/// if the file cannot be written.
void write_model(const MlpImpl& model, const std::filesystem::path& file);

/// Reads the model of a file, or of the directory of a run (its model.safetensors). The sizes of
/// the layers are those of the tensors, so a state_dict that PyTorch has saved as safetensors will
/// do: in float32, float16, bfloat16 or float64, which become float32, and under the names of any
/// module of linear layers with biases, if the natural order of the names ("net.2" before
/// "net.10") is the order of the layers. Throws Error(kModel) if the file cannot be read, or holds
/// anything else. Advances LibTorch's generator.
Mlp read_model(const std::filesystem::path& path);

}  // namespace mnist
