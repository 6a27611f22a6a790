#include "mnist_train/training_state.h"

#include <torch/utils.h>

namespace mnist {

std::vector<torch::Tensor> copy_parameters(const MlpImpl& model) {
  std::vector<torch::Tensor> copies;
  for (const torch::Tensor& parameter : model.parameters()) {
    copies.push_back(parameter.detach().clone());
  }
  return copies;
}

void set_parameters(Mlp model, const std::vector<torch::Tensor>& values) {
  const torch::NoGradGuard no_grad;
  std::size_t index = 0;
  for (torch::Tensor& parameter : model->parameters()) parameter.copy_(values.at(index++));
}

}  // namespace mnist
