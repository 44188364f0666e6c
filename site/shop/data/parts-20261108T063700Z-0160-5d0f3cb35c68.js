(window.fftData??={})["parts-20261108T063700Z-0160"]=JSON.parse('{"parts":[],"nodes":{}}');
