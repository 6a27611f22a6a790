// An MLP on MNIST in plain LibTorch, in five steps; tutorial.md explains them.
//
//     tutorial [EPOCHS [DIRECTORY]]    the directory of the four MNIST files

#include <torch/torch.h>

#include <array>
#include <cstdio>
#include <iostream>
#include <string>

struct NetImpl : torch::nn::Module {
  torch::nn::Linear fc1 = register_module("fc1", torch::nn::Linear(28 * 28, 256));
  torch::nn::Linear fc2 = register_module("fc2", torch::nn::Linear(256, 256));
  torch::nn::Linear fc3 = register_module("fc3", torch::nn::Linear(256, 10));

  torch::Tensor forward(torch::Tensor x) {
    x = x.view({-1, 28 * 28});
    x = torch::relu(fc1(x));
    x = torch::relu(fc2(x));
    return fc3(x);
  }
};
TORCH_MODULE(Net);

int main(int argc, char** argv) {
  const int epochs = argc > 1 ? std::stoi(argv[1]) : 30;
  const std::string root = argc > 2 ? argv[2] : "data/MNIST/raw";

  // 1. Look at a batch.
  using torch::data::datasets::MNIST;
  const MNIST train_data(root, MNIST::Mode::kTrain);
  const MNIST test_data(root, MNIST::Mode::kTest);
  const auto train_images = train_data.images().split(20);
  const auto train_labels = train_data.targets().split(20);
  const auto test_images = test_data.images().split(20);
  const auto test_labels = test_data.targets().split(20);

  std::cout << train_images[0].sizes() << ' ' << train_labels[0].sizes() << '\n';
  const torch::Tensor image = train_images[0][0][0];
  for (int row = 0; row < 28; row += 2) {
    for (int column = 0; column < 28; ++column) {
      std::cout << " .:*#"[static_cast<int>(image[row][column].item<float>() * 4)];
    }
    std::cout << '\n';
  }
  std::cout << "Label: " << train_labels[0][0].item<int>() << "\n\n";

  // 2. Define the network.
  torch::manual_seed(1);
  Net model;
  std::cout << model << "\n\n";

  // 3. Choose the loss and the optimizer.
  torch::nn::CrossEntropyLoss criterion;
  torch::optim::SGD optimizer(model->parameters(), torch::optim::SGDOptions(0.01));

  // 4. Train.
  model->train();
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    double train_loss = 0;
    for (size_t i = 0; i < train_images.size(); ++i) {
      optimizer.zero_grad();
      torch::Tensor output = model(train_images[i]);
      torch::Tensor loss = criterion(output, train_labels[i]);
      loss.backward();
      optimizer.step();
      train_loss += loss.item<double>() * train_labels[i].size(0);
    }
    train_loss /= train_data.size().value();
    std::printf("Epoch: %d \tTraining Loss: %.6f\n", epoch, train_loss);
  }

  // 5. Test.
  model->eval();
  torch::NoGradGuard no_grad;
  double test_loss = 0;
  std::array<int, 10> correct{}, total{};
  int all_correct = 0;
  for (size_t i = 0; i < test_images.size(); ++i) {
    torch::Tensor output = model(test_images[i]);
    torch::Tensor pred = output.argmax(1);
    const int64_t size = test_labels[i].size(0);
    test_loss += criterion(output, test_labels[i]).item<double>() * size;
    for (int64_t j = 0; j < size; ++j) {
      const auto label = test_labels[i][j].item<int64_t>();
      correct[label] += pred[j].item<int64_t>() == label;
      total[label] += 1;
    }
  }
  const size_t count = test_data.size().value();
  std::printf("Test Loss: %.6f\n\n", test_loss / count);
  for (int digit = 0; digit < 10; ++digit) {
    std::printf("Test Accuracy of %5d: %2d%% (%d/%d)\n", digit, 100 * correct[digit] / total[digit],
                correct[digit], total[digit]);
    all_correct += correct[digit];
  }
  std::printf("\nTest Accuracy (Overall): %.1f%% (%d/%zu)\n", 100.0 * all_correct / count,
              all_correct, count);
}
