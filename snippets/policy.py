"""Evaluate a policy in an environment without a graph, and train it with one."""

import torch
from torch import nn
from torch.distributions import Categorical


# --8<-- [start:environment]
class Corridor:
    """A corridor of seven places: start in the middle, win at the right end, lose at the left."""

    def reset(self) -> torch.Tensor:
        """Go back to the middle; return what the agent sees."""
        self.place, self.steps = 3, 0
        return self._seen()

    def step(self, action: int) -> tuple[torch.Tensor, float, bool]:
        """Go left (0) or right (1); return what the agent sees, the reward, and if it is over."""
        self.place += 1 if action == 1 else -1
        self.steps += 1
        reward = {0: -1.0, 6: 1.0}.get(self.place, 0.0)
        return self._seen(), reward, self.place in (0, 6) or self.steps == 50

    def _seen(self) -> torch.Tensor:
        return nn.functional.one_hot(torch.tensor(self.place), 7).float()


# --8<-- [end:environment]


# --8<-- [start:evaluate]
@torch.no_grad()
def evaluate(policy: nn.Module, environment: Corridor, episodes: int) -> float:
    """Return the mean reward of likeliest actions; the policy is in train mode afterwards."""
    policy.eval()
    total = 0.0
    for _ in range(episodes):
        seen, is_over = environment.reset(), False
        while not is_over:
            seen, reward, is_over = environment.step(policy(seen).argmax().item())
            total += reward
    policy.train()
    return total / episodes


# --8<-- [end:evaluate]


# --8<-- [start:train]
def train_episode(
    policy: nn.Module, environment: Corridor, optimizer: torch.optim.Optimizer
) -> float:
    """Play one episode with sampled actions, then make those likelier that came before a win."""
    log_probabilities, rewards = [], []
    seen, is_over = environment.reset(), False
    while not is_over:
        choice = Categorical(logits=policy(seen))  # recorded: the loss needs it
        action = choice.sample()
        log_probabilities.append(choice.log_prob(action))
        seen, reward, is_over = environment.step(action.item())
        rewards.append(reward)
    loss = -sum(rewards) * torch.stack(log_probabilities).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return sum(rewards)


# --8<-- [end:train]


def main() -> None:
    """Train a policy until it walks right, and see why its actions can't be taken under no_grad."""
    torch.manual_seed(0)
    policy, environment = nn.Linear(7, 2), Corridor()
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.1)
    for _ in range(100):
        train_episode(policy, environment, optimizer)
    assert evaluate(policy, environment, episodes=5) == 1.0

    saved: list[torch.Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(saved.append, lambda tensor: tensor):
        evaluate(policy, environment, episodes=1)
    assert not saved

    with torch.no_grad():
        choice = Categorical(logits=policy(environment.reset()))
    loss = -choice.log_prob(choice.sample())
    refusal = ""
    try:
        loss.backward()
    except RuntimeError as error:
        refusal = str(error)
    assert refusal == "element 0 of tensors does not require grad and does not have a grad_fn"
    print("mean reward after training:", evaluate(policy, environment, episodes=5))


if __name__ == "__main__":
    main()
