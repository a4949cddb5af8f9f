void hw_irq_ctrl_set_irq(unsigned int irq);
