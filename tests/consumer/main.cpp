// Trains a network on the data in a directory and tests it.

#include <mnist_train/mnist_train.h>

#include <iostream>

int main(int argc, char** argv) {
  auto data = mnist::load_data(argc > 1 ? argv[1] : "data");
  torch::manual_seed(1);
  mnist::Mlp model({256, 256});
  auto result = mnist::train(model, data, {.epochs = 10, .lr = 0.1});
  std::cout << "training loss " << result.train_loss << '\n';
  std::cout << "accuracy " << mnist::evaluate(model, data.test).accuracy() << '\n';
}
